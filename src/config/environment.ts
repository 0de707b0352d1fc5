import { everyKey } from "./keys.ts";
import { nearest } from "../domain/nearest.ts";
import type { OptionFiles } from "./option-files.ts";
import type { Origin, Problem } from "./problems.ts";

/** A value that the environment sets. */
export interface Setting {
  /** Path of the option; for a camera's stream `["cameras", ID, "url"]`. */
  readonly path: readonly string[];
  readonly value: string;
  readonly origin: Origin;
}

export interface EnvironmentReading {
  readonly settings: readonly Setting[];
  readonly problems: readonly Problem[];
  /** True where a variable of the camera recorder is set: its defaults hold then. */
  readonly recorder: boolean;
}

/** The camera recorder's own variables, older and newer name of the same option together. */
const RECORDER: Readonly<Record<string, readonly string[]>> = {
  S3_ENDPOINT: ["storage", "endpoint"],
  S3_BUCKET: ["storage", "bucket"],
  S3_ACCESS_KEY_ID: ["storage", "access_key_id"],
  S3_ACCESS_KEY: ["storage", "access_key_id"],
  S3_SECRET_ACCESS_KEY: ["storage", "secret_access_key"],
  S3_SECRET_KEY: ["storage", "secret_access_key"],
  TEMP_DIR: ["recording", "temp_dir"],
  METRICS_PORT: ["http", "metrics_port"],
  MAX_CONCURRENT_UPLOADS: ["storage", "max_concurrent_uploads"],
};

/** These two alone say nothing of a recorder: other programs use them too. */
const COMMON_NAMES = new Set(["TEMP_DIR", "METRICS_PORT"]);

const OWN = "CAMERA_SHEPHERD_";
/** Names with our beginning that are no options: the folder of `script/bootstrap`, and where the image wants its sign of life. */
const RESERVED = new Set(["CAMERA_SHEPHERD_CACHE", "CAMERA_SHEPHERD_LONG", "CAMERA_SHEPHERD_HEARTBEAT"]);

/** Every variable of the general form, `CAMERA_SHEPHERD_GROUP__KEY`, with the option that it sets. Of a list of servers it sets the only one. */
export function ownVariables(): ReadonlyMap<string, readonly string[]> {
  const paths = everyKey()
    .map((key) => key.path.replace(/^(frigate|go2rtc)\[\]/, "$1").split("."))
    .filter((path) => path.every((part) => /^[a-z0-9_]+$/.test(part)));
  return new Map(paths.map((path) => [OWN + path.map((part) => part.toUpperCase()).join("__"), path]));
}

/** Reads every variable that is an option, and the files that `NAME_FILE` names. Empty variables count as absent. */
export async function readEnvironment(files: OptionFiles, signal: AbortSignal): Promise<EnvironmentReading> {
  const own = ownVariables();
  const byName = Object.entries(files.environment).toSorted(([one], [other]) => one.localeCompare(other, "en", { numeric: true }));
  const direct: Setting[] = [];
  const fromFiles: Setting[] = [];
  const problems: Problem[] = [];
  let recorder = false;
  for (const [name, value] of byName) {
    if (value === undefined || value === "" || RESERVED.has(name)) continue;
    const path = optionOf(name, own);
    const base = name.endsWith("_FILE") ? name.slice(0, -"_FILE".length) : undefined;
    const filePath = base === undefined ? undefined : optionOf(base, own);
    if (path !== undefined) direct.push({ path, value, origin: { layer: "environment", place: name } });
    else if (filePath !== undefined) {
      const origin: Origin = { layer: "secret file", place: name };
      const secret = await readSecret(files, value, signal);
      if (typeof secret === "string") fromFiles.push({ path: filePath, value: secret, origin });
      else problems.push({ ...origin, path: filePath.join("."), message: secret.message });
    } else if (name.startsWith(OWN)) problems.push(unknownVariable(name, own));
    const recorderName = path === undefined ? base : name;
    recorder ||= recorderName !== undefined && isRecorderName(recorderName) && !COMMON_NAMES.has(recorderName);
  }
  problems.push(...contradictions(direct), ...contradictions(fromFiles));
  return { settings: [...direct, ...fromFiles], problems, recorder };
}

function optionOf(name: string, own: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const number = cameraNumber(name);
  if (number !== undefined) return ["cameras", `camera-${number}`, "url"];
  return Object.hasOwn(RECORDER, name) ? RECORDER[name] : own.get(name);
}

/** `CAMERA1_RTSP_URL` and `CAMERA_1_URL` are the first camera. */
function cameraNumber(name: string): number | undefined {
  const digits = /^CAMERA_?(\d{1,3})_(?:RTSP_)?URL$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function isRecorderName(name: string): boolean {
  return Object.hasOwn(RECORDER, name) || cameraNumber(name) !== undefined;
}

async function readSecret(files: OptionFiles, path: string, signal: AbortSignal): Promise<string | { readonly message: string }> {
  const reading = await files.read(path, signal);
  if (reading.kind === "missing") return { message: `the file ${path} does not exist` };
  if (reading.kind === "unreadable") return { message: `the file ${path} cannot be read: ${reading.why}` };
  const value = reading.text.replace(/\r?\n$/, "");
  return value === "" ? { message: `the file ${path} is empty` } : value;
}

function unknownVariable(name: string, own: ReadonlyMap<string, readonly string[]>): Problem {
  const near = nearest(name, own.keys()) ?? nearest(name.replace(/_FILE$/, ""), own.keys());
  const hint = near === undefined ? "lists and cameras are written in the document" : `did you mean ${near}?`;
  return { layer: "environment", place: name, path: "", message: `unknown variable; ${hint}` };
}

/** Two names of one option that say different things. */
function contradictions(settings: readonly Setting[]): readonly Problem[] {
  const seen = new Map<string, Setting>();
  return settings.flatMap((setting) => {
    const path = setting.path.join(".");
    const other = seen.get(path);
    seen.set(path, setting);
    if (other === undefined || other.value === setting.value) return [];
    return [{ ...setting.origin, path, message: `says something else than ${other.origin.place}; keep one of the two` }];
  });
}
