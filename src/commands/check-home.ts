import { isLocallyAdministered } from "../domain/addresses.ts";
import type { Device } from "../domain/camera.ts";
import { DocumentError, type DocumentReading } from "../domain/document.ts";
import { between, formatDuration, type Instant } from "../domain/duration.ts";
import { REASONS } from "../domain/reasons.ts";
import { type ConfigTarget, TargetError, type TargetReason } from "../ports/config-target.ts";
import type { DeviceRecord, Registry } from "../ports/registry.ts";
import { type StreamServer, StreamServerError } from "../ports/stream-server.ts";
import type { CheckItem, CheckProducer } from "./check.ts";
import { counted } from "./paint.ts";
import { leftWords } from "./plan-report.ts";

/** Every document: whether it is there, can be read and may be written. */
export function checkDocuments(targets: readonly ConfigTarget[]): CheckProducer {
  const part = "documents";
  return {
    part,
    gather: async (signal) => {
      if (targets.length === 0) return [{ part, state: "info", found: "none is looked after: no Frigate is configured" }];
      return (await Promise.all(targets.map((target) => documentItems(target, signal)))).flat();
    },
  };
}

async function documentItems(target: ConfigTarget, signal: AbortSignal): Promise<readonly CheckItem[]> {
  const part = `document ${target.name}`;
  let reading: DocumentReading | undefined;
  try {
    reading = target.format.read((await target.read(signal)).text);
    await target.checkWritable(signal);
    return [{ part, state: "ok", found: `${target.place}: ${contents(reading)}; may be written` }, ...leftItems(part, reading)];
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof TargetError) && !(error instanceof DocumentError)) throw error;
    const line = error instanceof DocumentError && error.line !== undefined ? `:${error.line}` : "";
    const read = reading === undefined ? "" : ` (${contents(reading)})`;
    // Said in the line of the Frigate itself.
    if (isOfFrigate(error.reason))
      return [{ part, state: "absent", found: `${target.place}: cannot be used now: see Frigate ${target.name}` }];
    const item: CheckItem = {
      part,
      state: "act",
      found: `${target.place}${line}: ${error.message}${read}`,
      nextStep: REASONS[error.reason].nextStep,
    };
    return reading === undefined ? [item] : [item, ...leftItems(part, reading)];
  }
}

/** Trouble with the Frigate that a document is reached by, which its own line names. */
function isOfFrigate(reason: TargetReason | DocumentError["reason"]): boolean {
  return reason.startsWith("Frigate") || reason === "NotFrigate";
}

function contents(reading: DocumentReading): string {
  return [
    counted(reading.cameras.length, "camera"),
    counted(reading.streams.length, "stream"),
    counted(reading.occurrences.length, "address", "addresses"),
  ].join(", ");
}

function leftItems(part: string, reading: DocumentReading): readonly CheckItem[] {
  return reading.leftAlone.map((left) => ({ part, state: "info", found: leftWords(left) }));
}

export type CheckedServer = Pick<StreamServer, "name" | "place" | "info">;

/** Every go2rtc: whether it answers, its version, its RTSP port. */
export function checkServers(servers: readonly CheckedServer[]): CheckProducer {
  const part = "go2rtc";
  return {
    part,
    gather: async (signal) => {
      if (servers.length === 0)
        return [{ part, state: "less", found: "none is known: streams are healed by documents alone", nextStep: "Name it under go2rtc." }];
      return Promise.all(servers.map((server) => serverItem(server, signal)));
    },
  };
}

async function serverItem(server: CheckedServer, signal: AbortSignal): Promise<CheckItem> {
  const part = `go2rtc ${server.name}`;
  try {
    const { version, rtspPort } = await server.info(signal);
    return { part, state: "ok", found: `${server.place}: version ${version}, RTSP port ${rtspPort}` };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof StreamServerError)) throw error;
    const state = REASONS[error.reason].severity === "error" ? "act" : "absent";
    return { part, state, found: `${server.place}: ${error.message}`, nextStep: REASONS[error.reason].nextStep };
  }
}

/** Every camera: what it is known by, where it was proved to be, and how it would be found again. Asks no camera. */
export function checkCameras(devices: readonly Device[], registry: Pick<Registry, "device">, now: Instant): CheckProducer {
  const part = "cameras";
  return {
    part,
    gather: () =>
      Promise.resolve(
        devices.length === 0
          ? [{ part, state: "info", found: "no document names one" } as const]
          : devices.map((device) => cameraItem(device, registry.device(device.id), now)),
      ),
  };
}

function cameraItem(device: Device, record: DeviceRecord | undefined, now: Instant): CheckItem {
  const part = `camera ${device.title}`;
  const macs = [...new Set([...device.configuredMacs, ...(record?.identity.macs ?? [])])];
  const address = record?.address ?? device.addresses[0];
  const proved = record?.verifiedAt === undefined ? "never proved" : `proved ${formatDuration(between(record.verifiedAt, now))} ago`;
  const facts = [
    address === undefined ? "at no known address" : `${address}, ${proved}`,
    ...(macs.length === 0 ? [] : [`MAC ${macs.join(", ")}`]),
    ...(record?.identity.endpoint === undefined ? [] : ["ONVIF endpoint known"]),
    ...(record?.identity.realm === undefined ? [] : [`RTSP realm ${JSON.stringify(record.identity.realm)}`]),
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
  const ways = waysBack(
    macs.filter((mac) => !isLocallyAdministered(mac)).length > 0,
    macs.length > 0,
    record?.identity.endpoint !== undefined,
    record?.identity.uid !== undefined,
  );
  if (record === undefined && macs.length === 0) {
    const unlearned = `${address ?? "at no known address"}, not learned yet`;
    return { part, state: "info", found: unlearned, nextStep: "Nothing to do: run or sync learns it while it answers there." };
  }
  const found = [...facts, ways === undefined ? "would not be found again" : `found again by ${ways}`].join(" · ");
  return ways === undefined ? { part, state: "absent", found, nextStep: REASONS.NotLearnedYet.nextStep } : { part, state: "ok", found };
}

/** How the camera would be found again; undefined where nothing is known that it could be told by. */
function waysBack(ownMac: boolean, anyMac: boolean, endpoint: boolean, uid: boolean): string | undefined {
  const said = [...(endpoint ? ["ONVIF endpoint"] : []), ...(uid ? ["maker's number"] : [])].join(" and ");
  if (ownMac) return said === "" ? "its MAC address" : `its MAC address and ${said}`;
  if (said === "") return undefined;
  return anyMac ? `its changeable MAC address and ${said}` : `its ${said}, as no MAC address can be seen`;
}

/**
 * Options that were set and have no effect in this release, and ways of healing that it does not have.
 * @param withoutEffect paths, as `loadOptions` gives them
 */
export function checkOptions(
  document: string | undefined,
  withoutEffect: readonly string[],
  frigates: readonly { readonly name: string; readonly via: string }[],
): CheckProducer {
  const part = "options";
  const groups = Map.groupBy(withoutEffect, (path) => /^\w+/.exec(path)?.[0] ?? path);
  const items: readonly CheckItem[] = [
    { part, state: "ok", found: document ?? "no document: defaults and environment" },
    ...[...groups].map(([group, paths]): CheckItem => ({
      part: `option ${group}`,
      state: "info",
      found: `no effect in this release: ${paths.join(", ")}`,
    })),
    ...frigates
      .filter(({ via }) => !["auto", "file", "api", "none"].includes(via))
      .map(({ name, via }): CheckItem => ({
        part: `Frigate ${name}`,
        state: "act",
        found: `via: ${via} comes with a later release; it is left alone`,
        nextStep: "Use via: file, via: api or via: none.",
      })),
  ];
  return { part, gather: () => Promise.resolve(items) };
}
