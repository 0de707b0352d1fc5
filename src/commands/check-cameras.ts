import { type IpAddress, isLocallyAdministered, type Network, networkContains } from "../domain/addresses.ts";
import type { Device } from "../domain/camera.ts";
import { between, formatDuration, type Instant } from "../domain/duration.ts";
import { REASONS } from "../domain/reasons.ts";
import type { Layer } from "../domain/sighting.ts";
import type { Consents, HoldRecord } from "../ports/consents.ts";
import type { DeviceRecord, Registry } from "../ports/registry.ts";
import type { NeighbourSearch } from "../ports/search.ts";
import { heldBack, heldWords, liftWords, provedAt } from "../reconcilers/held-back.ts";
import { secondMacFact } from "../reconcilers/second-macs.ts";
import { unprovedFact } from "../reconcilers/unproved.ts";
import type { CheckItem, CheckProducer } from "./check.ts";
import { layerWords } from "./wording.ts";

/** What may notice a camera here: the layers that are switched on, and the networks that are searched. */
export interface Reach {
  readonly layers: readonly Layer[];
  readonly networks: readonly { readonly name: string; readonly network: Network }[];
}

/** The reach of this machine. @param named those of `network.interfaces` @param searches whether `network.search` is on */
export async function reachOf(
  layers: readonly Layer[],
  search: Pick<NeighbourSearch, "interfaces">,
  named: readonly string[],
  searches: boolean,
  signal: AbortSignal,
): Promise<Reach> {
  if (!searches) return { layers, networks: [] };
  const all = await search.interfaces(signal);
  return { layers, networks: all.filter((one) => (named.length === 0 ? one.avoid === undefined : named.includes(one.name))) };
}

/** What is remembered of cameras. */
export type CameraMemory = Pick<Registry, "device"> & { readonly consents: Pick<Consents, "fact" | "holds"> };

/**
 * Every camera: what it is known by, where it was proved to be, how it would be found again, and what is missing for that. Asks no camera.
 * @param reach asked for once; absent: the ways are named without what notices them
 */
export function checkCameras(
  devices: readonly Device[],
  registry: CameraMemory,
  now: Instant,
  reach?: (signal: AbortSignal) => Promise<Reach>,
): CheckProducer {
  const part = "cameras";
  return {
    part,
    gather: async (signal) => {
      if (devices.length === 0) return [{ part, state: "info", found: "no configuration that was read names one" }];
      const within = await reach?.(signal);
      return devices.flatMap((device) => [
        cameraItem(device, registry.device(device.id), heldBack(device.id, registry.consents.holds()), now, within),
        ...proposedItems(device, registry.consents.fact(secondMacFact(device.id)), "SecondMacProposed"),
        ...proposedItems(device, registry.consents.fact(unprovedFact(device.id)), "AddressUnproved"),
      ]);
    },
  };
}

function cameraItem(
  device: Device,
  record: DeviceRecord | undefined,
  holds: readonly HoldRecord[],
  now: Instant,
  reach: Reach | undefined,
): CheckItem {
  const part = `camera ${device.title}`;
  const macs = [...new Set([...device.configuredMacs, ...(record?.identity.macs ?? [])])];
  const address = record?.address ?? device.addresses[0];
  const provedThere = record === undefined ? undefined : provedAt(record, holds);
  const unproved = record?.verifiedAt === undefined ? "never proved" : "not proved since it was put back there";
  const proved = provedThere === undefined ? unproved : `proved ${formatDuration(between(provedThere, now))} ago`;
  const held = heldWords(holds);
  const { endpoint, realm, uid } = record?.identity ?? {};
  const facts = [
    address === undefined ? "at no known address" : `${address}, ${proved}`,
    ...(held === undefined ? [] : [held]),
    ...(macs.length === 0 ? [] : [`MAC ${macs.join(", ")}`]),
    ...(endpoint === undefined ? [] : ["ONVIF endpoint known"]),
    ...(uid === undefined ? [] : ["maker's number known"]),
    ...(realm === undefined ? [] : [`RTSP realm ${JSON.stringify(realm)}`]),
  ];
  const refused = record?.refusedLogin;
  // A camera that moved and refuses the password where it is now was proved last where it was.
  if (refused !== undefined && (refused.address === address || record?.verifiedAt === undefined || refused.at > record.verifiedAt)) {
    const where = refused.address === address ? "" : `at ${refused.address} `;
    return {
      part,
      state: "act",
      found: [...facts, `refused the password ${where}${formatDuration(between(refused.at, now))} ago`].join(" · "),
      nextStep: REASONS.LoginRefused.nextStep,
    };
  }
  if (held !== undefined) {
    const nextStep = `Where the new address is right after all: ${liftWords(device.id, "commands")}.`;
    return { part, state: provedThere === undefined ? "act" : "less", found: facts.join(" · "), nextStep };
  }
  if (record === undefined && macs.length === 0) {
    const unlearned = `${address ?? "at no known address"}, not learned yet`;
    const nextStep = "Nothing to do while it answers there: run or sync learns it. If it has moved already: camera-shepherd adopt";
    return { part, state: "info", found: unlearned, nextStep };
  }
  const ownMac = macs.some((mac) => !isLocallyAdministered(mac));
  const ways = waysBack(ownMac, macs.length > 0, endpoint !== undefined, uid !== undefined);
  if (ways === undefined) {
    const found = [...facts, "would not be found again"].join(" · ");
    const nextStep = macs.length > 0 ? "Its MAC address is of its own making: enable ONVIF on the camera." : REASONS.NotLearnedYet.nextStep;
    return { part, state: "absent", found, nextStep };
  }
  const found = [...facts, `found again by ${ways}`].join(" · ");
  if (reach === undefined) return { part, state: "ok", found };
  const noticed = noticedBy(address, macs.length > 0, endpoint !== undefined || uid !== undefined, reach);
  if (noticed.length > 0) return { part, state: "ok", found: `${found}: ${noticed.join(", ")}` };
  return {
    part,
    state: "less",
    found: `${found}, but nothing here would notice it: ${address ?? "its address"} is on no network of this machine`,
    nextStep:
      endpoint === undefined
        ? "Run this on the camera's network, or enable ONVIF on the camera."
        : "Name the camera's network under network.ranges.",
  };
}

/** A device that may be the camera and waits for a person. @param words what the run that noticed it said */
function proposedItems(
  { title }: Device,
  words: string | undefined,
  reason: "SecondMacProposed" | "AddressUnproved",
): readonly CheckItem[] {
  if (words === undefined || words === "") return [];
  return [{ part: `camera ${title}`, state: "act", found: words, nextStep: REASONS[reason].nextStep }];
}

/** How the camera would be found again; undefined where nothing is known that it could be told by. */
function waysBack(ownMac: boolean, anyMac: boolean, endpoint: boolean, uid: boolean): string | undefined {
  const said = [...(endpoint ? ["ONVIF endpoint"] : []), ...(uid ? ["maker's number"] : [])];
  if (ownMac) return ["its MAC address", ...said].join(" and ");
  if (said.length === 0) return undefined;
  return anyMac ? ["its changeable MAC address", ...said].join(" and ") : `its ${said.join(" and ")}`;
}

/** What of this machine would notice the camera elsewhere. A MAC address is seen on our own networks alone. */
function noticedBy(address: IpAddress | undefined, mac: boolean, said: boolean, { layers, networks }: Reach): readonly string[] {
  const near = address === undefined ? undefined : networks.find(({ network }) => networkContains(network, address));
  return layers
    .filter((layer) =>
      layer === "ws_discovery" ? said : layer === "leases" || layer === "home_assistant" ? mac : mac && near !== undefined,
    )
    .map(layerWords)
    .concat(mac && near !== undefined ? [`a search of ${near.name}`] : []);
}
