import { nearest } from "../domain/nearest.ts";
import { DocumentError, type DocumentReading } from "../domain/document.ts";
import { REASONS } from "../domain/reasons.ts";
import { type ConfigTarget, TargetError, type TargetReason } from "../ports/config-target.ts";
import { type StreamServer, StreamServerError } from "../ports/stream-server.ts";
import { EXIT } from "./arguments.ts";
import { atPlace, type CheckItem, type CheckProducer } from "./check.ts";
import { counted } from "./paint.ts";
import { pathWords } from "./plan.ts";
import { leftWords } from "./plan-report.ts";
import { exitCodeOfReason } from "./sync-report.ts";

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
    const what = target.format.kind === "frigate" ? "Frigate's configuration " : "";
    const found = `${what}${target.place}: ${contents(reading)}; may be written`;
    return [{ part, state: "ok", found }, ...leftItems(part, reading)];
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
      // What passes by itself, such as a Git server that is away, needs no person.
      state: exitCodeOfReason(error.reason) === EXIT.later ? "absent" : "act",
      found: `${atPlace(`${target.place}${line}`, error.message)}${read}`,
      nextStep: REASONS[error.reason].nextStep,
    };
    return reading === undefined ? [item] : [item, ...leftItems(part, reading)];
  }
}

/** What the options say of cameras. */
interface NamingOptions {
  readonly cameras: readonly { readonly id: string; readonly address?: unknown; readonly url?: unknown }[];
  readonly files: readonly { readonly camera: string }[];
}

/**
 * Cameras that the options name, for themselves or for another program's text, and that no document has: mistyped, most likely.
 * @param readings every document, or nothing where one could not be read: a camera may be named there
 */
export function checkNames({ cameras, files }: NamingOptions, readings: readonly DocumentReading[]): CheckProducer {
  const known = [...new Set(readings.flatMap((reading) => [...reading.cameras, ...reading.streams].map(({ name }) => String(name))))];
  const own = cameras.filter(({ address, url }) => address !== undefined || url !== undefined).map(({ id }) => id);
  const item = (where: string, name: string): CheckItem => {
    const near = nearest(name, [...known, ...own]);
    const found = `no camera is called ${name}${near === undefined ? "" : `; did you mean ${near}?`}`;
    return { part: `option ${where}`, state: "act", found, nextStep: `Correct ${where}.` };
  };
  const unknown = (names: readonly string[], where: (index: number) => string): readonly CheckItem[] =>
    names.flatMap((name, index) => (known.length === 0 || known.includes(name) || own.includes(name) ? [] : [item(where(index), name)]));
  const items = [
    ...unknown(
      cameras.map(({ id }) => id),
      (index) => `cameras[${String(index)}].id`,
    ),
    ...unknown(
      files.map(({ camera }) => camera),
      (index) => `files[${String(index)}].camera`,
    ),
  ];
  return { part: "names", gather: () => Promise.resolve(items) };
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
  const pinned = reading.occurrences.flatMap(({ path, name }): readonly CheckItem[] =>
    name === undefined
      ? []
      : [{ part, state: "info", found: `${pathWords(path)}: ${name} gives way to its camera's address once that is proved` }],
  );
  return [...pinned, ...reading.leftAlone.map((left): CheckItem => ({ part, state: "info", found: leftWords(left) }))];
}

export type CheckedServer = Pick<StreamServer, "name" | "place" | "way" | "info">;

/** Every go2rtc: whether it answers, in which way it is reached and why so, its version, its RTSP port. */
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
    const why = server.way === undefined ? "" : ` (${server.way.why})`;
    return { part, state: "ok", found: `${server.place}${why}: version ${version}, RTSP port ${rtspPort}` };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof StreamServerError)) throw error;
    const state = REASONS[error.reason].severity === "error" ? "act" : "absent";
    return { part, state, found: atPlace(server.place, error.message), nextStep: REASONS[error.reason].nextStep };
  }
}

/**
 * Options that were set and have no effect in this release.
 * @param withoutEffect paths, as `loadOptions` gives them
 */
export function checkOptions(document: string | undefined, withoutEffect: readonly string[]): CheckProducer {
  const part = "options";
  const groups = Map.groupBy(withoutEffect, (path) => /^\w+/.exec(path)?.[0] ?? path);
  const items: readonly CheckItem[] = [
    { part, state: "ok", found: document ?? "no file (--config names one): defaults and environment variables" },
    ...[...groups].map(([group, paths]): CheckItem => ({
      part: `option ${group}`,
      state: "info",
      found: `no effect in this release: ${paths.join(", ")}`,
    })),
  ];
  return { part, gather: () => Promise.resolve(items) };
}
