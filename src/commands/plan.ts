import type { IpAddress } from "../domain/addresses.ts";
import { type Device, type DeviceId, isOwnedBy } from "../domain/camera.ts";
import {
  DocumentError,
  type DocumentFormat,
  type DocumentPath,
  type HostEdit,
  hostOf,
  type LeftAlone,
  type Occurrence,
  type Rewrite,
} from "../domain/document.ts";
import { isHostName } from "../domain/host-name.ts";
import { maskCredentials } from "../domain/mask.ts";
import { reasonOf } from "../domain/reasons.ts";
import { sourceAt } from "../domain/stream-source.ts";
import { nameInDiff, unifiedDiff } from "../domain/unified-diff.ts";
import { EXIT, type ExitCode } from "./arguments.ts";
import { maskDocument } from "../domain/mask-document.ts";

/** A document as it was read. `problem`, with what a person does about it, instead of `text` where it could not be. */
export type PlanDocument = { readonly name: string; readonly place: string; readonly format: DocumentFormat } & (
  | { readonly text: string }
  | { readonly problem: string; readonly nextStep: string }
);

export interface PlanInput {
  readonly documents: readonly PlanDocument[];
  readonly devices: readonly Device[];
  /** The address that each device has, proved or assumed; devices that are absent are left as they are. */
  readonly desired: ReadonlyMap<DeviceId, IpAddress>;
  /** Names that a person put back in place of an address, in lower case: they stay. */
  readonly keptNames?: ReadonlySet<string>;
  /** Shows credentials. */
  readonly reveal: boolean;
  readonly warnings: readonly string[];
}

export interface DocumentPlan {
  readonly target: string;
  readonly place: string;
  /** Unified diff; empty where nothing would be written. */
  readonly diff: string;
  readonly edits: readonly HostEdit[];
  readonly leftAlone: readonly LeftAlone[];
  /** Cameras that Frigate reads directly and whose new address it takes only at its start. */
  readonly restart: readonly string[];
  readonly problem?: string;
  /** What a person does about the problem. */
  readonly nextStep?: string;
}

export interface StreamPlan {
  readonly device: DeviceId;
  readonly stream: string;
  /** What go2rtc would be told, credentials masked unless they are to be revealed; absent where it cannot be told. */
  readonly sources?: readonly string[];
  readonly left?: string;
}

export interface Plan {
  readonly documents: readonly DocumentPlan[];
  readonly streams: readonly StreamPlan[];
  readonly warnings: readonly string[];
  readonly changed: boolean;
  /** True where the diff shows `***` in place of credentials: patch(1) cannot apply those lines. */
  readonly masked: boolean;
  readonly exitCode: ExitCode;
}

/** Works out what would be written and which streams would be pointed where. Touches nothing. */
export function planChanges(input: PlanInput): Plan {
  const documents = input.documents.map((document) => planDocument(document, input));
  const streams = input.devices.flatMap((device) => planStreams(device, input));
  const changed = documents.some(({ diff }) => diff !== "");
  const masked = documents.some(({ diff }) => diff.includes("***")) && !input.reveal;
  const stuck = documents.some(({ problem, leftAlone }) => problem !== undefined || leftAlone.some((left) => concerns(left, input)));
  return { documents, streams, warnings: input.warnings, changed, masked, exitCode: stuck ? EXIT.person : EXIT.done };
}

function planDocument(document: PlanDocument, input: PlanInput): DocumentPlan {
  const nothing: DocumentPlan = { target: document.name, place: document.place, diff: "", edits: [], leftAlone: [], restart: [] };
  if ("problem" in document) return { ...nothing, problem: document.problem, nextStep: document.nextStep };
  try {
    const { leftAlone } = document.format.read(document.text);
    const rewrite = document.format.rewrite(document.text, (occurrence) => wanted(occurrence, input));
    const restart = document.format.kind === "frigate" ? restarting(rewrite.edits.filter((edit) => !isSamePlace(edit, input))) : [];
    return { ...nothing, diff: diffOf(document, document.text, rewrite, input.reveal), edits: rewrite.edits, leftAlone, restart };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const line = error.line === undefined ? "" : `:${error.line}`;
    return { ...nothing, problem: `${document.place}${line}: ${error.message}`, nextStep: reasonOf(error.reason).nextStep };
  }
}

/** GNU patch refuses absolute names ("potentially dangerous"), so they are written as git does: `patch -p1 -d /` applies the diff. */
function diffOf(document: PlanDocument, before: string, { text }: Rewrite, reveal: boolean): string {
  const name = nameInDiff(document.place);
  return unifiedDiff(before, text, name, reveal ? undefined : maskDocument);
}

/** The address that belongs there: of the devices that own the place and have its present address. Where two disagree, none. */
function wanted(occurrence: Occurrence, { devices, desired, keptNames }: PlanInput): IpAddress | undefined {
  if (occurrence.name !== undefined && keptNames?.has(occurrence.name.toLowerCase()) === true) return undefined;
  const owners = devices.filter((device) =>
    occurrence.kind === "text"
      ? occurrence.owners.some((owner) => isOwnedBy(device, owner))
      : device.addresses.includes(occurrence.address) && occurrence.owners.some((owner) => device.owners.includes(owner)),
  );
  const addresses = new Set(owners.map((device) => desired.get(device.id)));
  const [address, ...others] = addresses;
  return others.length > 0 || address === hostOf(occurrence) ? undefined : address;
}

/** A name gives way to the address where its camera is anyway: what Frigate runs with reaches it still. */
function isSamePlace({ from, to, owners }: HostEdit, { devices }: PlanInput): boolean {
  const own = devices.filter((device) => owners.some((owner) => device.owners.includes(owner)));
  return isHostName(from) && own.some(({ addresses }) => addresses.some((address) => address === to));
}

/** Frigate reads `ffmpeg`, `onvif` and variables at its start; go2rtc's streams are pointed while it runs, `webui_url` is only a link. */
function restarting(edits: readonly HostEdit[]): readonly string[] {
  const names = edits.flatMap(({ path }) => {
    if (path[0] === "cameras" && path[2] !== "webui_url") return [String(path[1])];
    return path[0] === "environment_vars" ? [String(path[1])] : [];
  });
  return [...new Set(names)];
}

/** The places of a plan that Frigate reads only when it starts, such as `cameras.front.onvif.host`. */
export function restartPlaces({ edits, restart }: Pick<DocumentPlan, "edits" | "restart">): string {
  const read = edits.filter(({ path }) => path[0] !== "go2rtc" && path[2] !== "webui_url" && restart.includes(String(path[1])));
  return [...new Set(read.map(({ path }) => pathWords(path)))].join(", ");
}

function planStreams(device: Device, { desired, reveal }: PlanInput): readonly StreamPlan[] {
  const to = desired.get(device.id);
  if (to === undefined) return [];
  return device.streams.flatMap((stream): readonly StreamPlan[] => {
    const moved = stream.sources.some(
      (source) => source.address !== undefined && device.addresses.includes(source.address) && source.address !== to,
    );
    if (!moved) return [];
    const base = { device: device.id, stream: stream.name };
    const sources = stream.sources.map((source) => {
      if (source.resolved === undefined) return { left: "a placeholder in it is not known here" };
      if (source.refusedByApi === "command") return { left: "go2rtc takes no command through its API" };
      if (source.refusedByApi === "white-space") return { left: "go2rtc takes no source with white space through its API" };
      return device.addresses.reduce((text, address) => sourceAt(text, address, to), source.resolved);
    });
    const left = sources.find((source) => typeof source !== "string");
    if (left !== undefined) return [{ ...base, left: `${left.left}; the document and a restart of go2rtc heal it` }];
    const texts = sources.filter((source) => typeof source === "string");
    return [{ ...base, sources: reveal ? texts : texts.map(maskCredentials) }];
  });
}

/** A place that cannot be rewritten although a camera that it belongs to has moved. */
function concerns(left: LeftAlone, { devices, desired }: PlanInput): boolean {
  if (left.why !== "placeholder" && left.why !== "not-rewritable" && left.why !== "another-camera") return false;
  return devices.some((device) => {
    const to = desired.get(device.id);
    const moved = to !== undefined && device.addresses.some((address) => address !== to);
    return moved && left.owners.some((owner) => isOwnedBy(device, owner));
  });
}

/** `cameras.front.ffmpeg.inputs[0].path`. */
export function pathWords(path: DocumentPath): string {
  return path.reduce<string>((text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`), "");
}
