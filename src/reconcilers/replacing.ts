import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { seconds } from "../domain/duration.ts";
import { identityProof } from "../domain/identity-proof.ts";
import { makersOf } from "../domain/vendor-id.ts";
import { type ActionResult, refused } from "../ports/actions.ts";
import type { ConnectProber, EndpointProber, NeighbourProber, RtspProber, VendorProber } from "../ports/prober.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Fleet } from "./fleet.ts";
import { dropSaid } from "./forgetting.ts";

const ANSWERS = seconds(2);
/** Conditions that say: it was proved where it is, and works. */
const WELL: readonly string[] = ["Healthy", "Learned", "AddressContested", "Verified", "Healed"];

export interface ReplacingPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly prober: NeighbourProber & ConnectProber & EndpointProber & VendorProber & Pick<RtspProber, "greeting">;
  readonly status: Pick<Status, "get">;
  /** Ends what is under way for the device and drops what the run remembers of it: it was of the old camera. */
  readonly drop: (device: DeviceId) => void;
}

type Refusal = Extract<ActionResult, { readonly kind: "refused" }>;

/**
 * Whether the device with the MAC address may take the camera's place: not while the old one still answers where it was proved, for whoever says so may mean another
 * camera; nor while the options give the camera another MAC address, by which the old one would still count as it. @throws the signal's reason when aborted
 */
export async function mayReplace(
  ports: ReplacingPorts,
  device: Device,
  mac: MacAddress,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const { fleet, prober, status } = ports;
  const given = device.configuredMacs.filter((one) => one !== mac);
  if (given.length > 0) {
    const message = `the options give ${device.title} the MAC address ${given.join(" and ")}, under cameras`;
    return refused("MacConfigured", message);
  }
  const address = fleet.settled(device.id)?.address;
  const shown = status.get(`device/${device.id}`);
  if (address === undefined || shown?.status !== "ok" || !WELL.includes(shown.reason)) return undefined;
  const macs = fleet.macsOf(device);
  const [neighbour, connect] = await Promise.all([
    prober.neighbour(address, macs, ANSWERS, signal),
    prober.connect(address, device.streamPort, ANSWERS, signal),
  ]);
  const isOld = macs.length === 0 ? neighbour.found !== "nobody" : neighbour.found === "mac" && macs.includes(neighbour.mac);
  if (!isOld || connect !== "open") return undefined;
  const who = macs.length === 0 ? "" : ` (${macs.join(", ")})`;
  return refused("StillThere", `${device.title}${who} still answers at ${address}, and works there`);
}

/** What was learned of the camera goes, the refused password included; it is the device with this MAC address from now on, of which nothing else is known. */
export function replaceBy(ports: ReplacingPorts, device: Device, mac: MacAddress): void {
  const { registry, fleet, drop } = ports;
  drop(device.id);
  dropSaid(registry, device.id);
  // At once: one of which nothing is known would be learned at its address, whoever is there.
  registry.replaceDevice({ id: device.id, owners: device.owners, identity: { macs: [mac] }, history: [], switches: [] });
  fleet.unsettle(device.id);
}

/** The first of the addresses at which the MAC address answers just now. @throws the signal's reason when aborted */
export async function whereItAnswers(
  prober: NeighbourProber,
  mac: MacAddress,
  addresses: readonly IpAddress[],
  signal: AbortSignal,
): Promise<IpAddress | undefined> {
  const readings = await Promise.all(addresses.map((address) => prober.neighbour(address, [mac], ANSWERS, signal)));
  return addresses.find((_address, index) => {
    const reading = readings[index];
    return reading?.found === "mac" && reading.mac === mac;
  });
}

/**
 * Whether the device at the address says, without a password, that it is another one than the camera that was learned: then its MAC address is no second network
 * interface of that. @throws the signal's reason when aborted
 */
export async function saysItIsAnother(
  { fleet, prober }: ReplacingPorts,
  device: Device,
  mac: MacAddress,
  address: IpAddress,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const identity = fleet.learnedOf(device);
  const [endpoint, vendor, greeting] = await Promise.all([
    identity.endpoint === undefined ? undefined : prober.endpoint(address, device.onvifPorts, ANSWERS, signal),
    identity.uid === undefined ? undefined : prober.vendor(address, makersOf(identity.uid), ANSWERS, signal),
    identity.realm === undefined ? undefined : prober.greeting(address, device.streamPort, device.streamPath, ANSWERS, signal),
  ]);
  const proof = identityProof("no-contradiction", { identity, peers: [] }, { endpoint, uid: vendor?.uid, greeting });
  if (proof.kind !== "differs") return undefined;
  const message = `${mac} at ${address} says that it is another camera than the ${device.title} that was learned: if it took its place, say that it does`;
  return refused("IdentityDiffers", message);
}
