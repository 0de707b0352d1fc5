import { DocumentTextError, readDocumentText } from "./document-text.ts";
import { readEnvironment, type Setting } from "./environment.ts";
import { formatPath, isLater, type OptionPath } from "./keys.ts";
import { type NormalDocument, normaliseDocument } from "./normalise.ts";
import type { OptionFiles } from "./option-files.ts";
import type { Options } from "./options.ts";
import type { Origin, Problem } from "./problems.ts";
import { isTree, leaves, removeAt, setAt, type Tree } from "./tree.ts";
import { type Finding, validate } from "./validate.ts";

/** Where Home Assistant's Supervisor writes what a person set in the app's form. */
const HOME_ASSISTANT_OPTIONS = "/data/options.json";

export interface Sources {
  /** Path of the document; absent where there is none. */
  readonly document?: string;
  readonly homeAssistant: boolean;
  /** Where each value that is no default came from, by its path as `formatPath` writes it. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Options that were set, are read and validated, and that this release does not act on; paths as `formatPath` writes them. */
  readonly withoutEffect: readonly string[];
  /** What Home Assistant's form still holds of another release, and this one has no option for: left out. */
  readonly ignored: readonly Problem[];
}

export type Loaded =
  | { readonly ok: true; readonly options: Options; readonly sources: Sources }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Puts the options together: defaults < document < environment < files named by `NAME_FILE`. Every problem is reported, not the first alone.
 * @param config the document that the command line names; without it Home Assistant's, where there is one
 * @throws the signal's reason when aborted
 */
export async function loadOptions(config: string | undefined, files: OptionFiles, signal: AbortSignal): Promise<Loaded> {
  const document = await readDocument(config, files, signal);
  const environment = await readEnvironment(files, signal);
  const tree = document.normal?.tree ?? {};
  const origins = new Map<string, Origin>();
  const withoutEffect: string[] = [];
  for (const path of leaves(tree)) {
    if (path.length > 0) origins.set(formatPath(path), document.originOf(path));
    if (isLater(path)) withoutEffect.push(formatPath(path));
  }
  const problems = [...document.problems, ...environment.problems];
  for (const setting of environment.settings) {
    const path = place(setting, tree);
    if (typeof path === "string") problems.push({ ...setting.origin, path: setting.path.join("."), message: path });
    else if (setAt(tree, path, setting.value)) origins.set(formatPath(path), setting.origin);
    if (typeof path !== "string" && isLater(path)) withoutEffect.push(formatPath(path));
  }
  const homeAssistant = document.place === HOME_ASSISTANT_OPTIONS || files.environment["SUPERVISOR_TOKEN"] !== undefined;
  fillIn(tree, files.home, homeAssistant, document.normal?.recorder === true || environment.recorder);
  const problemOf = ({ path, message }: Finding): Problem => {
    const origin = originAbove(path, origins) ?? document.originOf(path);
    const written = origin.layer === "document" ? (document.normal?.written(path) ?? path) : path;
    return { ...origin, path: formatPath(written), message };
  };
  const { checked, unknown } = document.place === HOME_ASSISTANT_OPTIONS ? validateForm(tree) : { checked: validate(tree), unknown: [] };
  const ignored = unknown.map(problemOf);
  if ("findings" in checked) problems.push(...checked.findings.map(problemOf));
  if ("findings" in checked || problems.length > 0) return { ok: false, problems };
  const named = document.place === undefined ? {} : { document: document.place };
  return {
    ok: true,
    options: checked.options,
    sources: { ...named, homeAssistant, origins, ignored, withoutEffect: [...new Set(withoutEffect)] },
  };
}

/**
 * As `validate`, but without keys that the schema does not have: the Supervisor keeps what a person set under another release, and an app that ended for
 * it would not come up again after an update. The tree loses them.
 */
function validateForm(tree: Tree): { readonly checked: ReturnType<typeof validate>; readonly unknown: readonly Finding[] } {
  const first = validate(tree);
  const unknown = "findings" in first ? first.findings.filter(({ isUnknown }) => isUnknown === true) : [];
  if (unknown.length === 0) return { checked: first, unknown };
  for (const { path } of unknown) removeAt(tree, path);
  return { checked: validate(tree), unknown };
}

interface DocumentReading {
  readonly place?: string;
  readonly normal?: NormalDocument;
  readonly problems: readonly Problem[];
  readonly originOf: (path: OptionPath) => Origin;
}

async function readDocument(config: string | undefined, files: OptionFiles, signal: AbortSignal): Promise<DocumentReading> {
  const place = config ?? HOME_ASSISTANT_OPTIONS;
  const plain: Origin = { layer: "document", place };
  const failed = (message: string, line?: number): DocumentReading => ({
    place,
    problems: [{ ...plain, path: "", message, ...(line === undefined ? {} : { line }) }],
    originOf: () => plain,
  });
  const reading = await files.read(place, signal);
  if (reading.kind === "unreadable") return failed(`cannot be read: ${reading.why}`);
  if (reading.kind === "missing" && config !== undefined) return failed("the file named by --config is not there; correct its path");
  if (reading.kind === "missing") return { problems: [], originOf: () => ({ layer: "default", place: "" }) };
  try {
    const { value, lines } = readDocumentText(place, reading.text);
    if (value !== undefined && value !== null && !isTree(value)) return failed("must hold options as keys and values");
    const normal = normaliseDocument(value ?? {});
    const originOf = (path: OptionPath): Origin => {
      const line = lineOf(normal.written(path), lines);
      return line === undefined ? plain : { ...plain, line };
    };
    const problems = normal.doubled.map((doubled) => {
      const line = lines.get(doubled.path);
      return { ...plain, ...doubled, ...(line === undefined ? {} : { line }) };
    });
    return { place, normal, problems, originOf };
  } catch (error) {
    if (error instanceof DocumentTextError) return failed(error.message, error.line);
    throw error;
  }
}

/** The line of the path, or of the nearest group around it. */
function lineOf(path: OptionPath, lines: ReadonlyMap<string, number>): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const line = lines.get(formatPath(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return undefined;
}

function originAbove(path: OptionPath, origins: ReadonlyMap<string, Origin>): Origin | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const origin = origins.get(formatPath(path.slice(0, length)));
    if (origin !== undefined) return origin;
  }
  return undefined;
}

/** Where in the tree the value belongs, or why it can not be put there. */
function place({ path }: Setting, tree: Tree): OptionPath | string {
  const [group = "", ...rest] = path;
  if (group === "cameras") return cameraPath(tree, rest);
  if (group !== "frigate" && group !== "go2rtc") return path;
  const entries = (tree[group] ??= [{}]);
  if (!Array.isArray(entries)) return path;
  if (entries.length > 1) return `the document has ${entries.length} entries under ${group}; set it there`;
  if (entries.length === 0) entries.push({});
  return [group, 0, ...rest];
}

/** The camera of the document with this id, or a new one. */
function cameraPath(tree: Tree, [id = "", key = ""]: readonly string[]): OptionPath {
  const cameras = (tree["cameras"] ??= []);
  if (!Array.isArray(cameras)) return ["cameras", 0, key];
  const index = cameras.findIndex((camera: unknown) => isTree(camera) && camera["id"] === id);
  if (index >= 0) return ["cameras", index, key];
  cameras.push({ id });
  return ["cameras", cameras.length - 1, key];
}

/** Defaults that depend on where the program runs and on what else is set. */
function fillIn(tree: Tree, home: string, homeAssistant: boolean, recorder: boolean): void {
  const group = (name: string): Tree | undefined => {
    const value = (tree[name] ??= {});
    return isTree(value) ? value : undefined;
  };
  const data = tree["data_dir"] ?? (homeAssistant ? "/data" : "~/.local/share/camera-shepherd");
  tree["data_dir"] = typeof data === "string" ? data.replace(/^~(?=\/|$)/, home) : data;
  tree["frigate"] ??= [{}];
  if (Array.isArray(tree["frigate"]) && tree["frigate"].length === 0) tree["frigate"].push({});
  for (const name of ["frigate", "go2rtc"]) {
    for (const [index, entry] of (Array.isArray(tree[name]) ? tree[name] : []).entries()) {
      if (isTree(entry)) entry["name"] ??= index === 0 ? name : `${name}-${index + 1}`;
    }
  }
  const storage = group("storage");
  if (storage !== undefined) {
    storage["kind"] ??= ["endpoint", "access_key_id", "secret_access_key"].some((key) => storage[key] !== undefined) ? "s3" : "directory";
  }
  const recording = group("recording");
  if (recording !== undefined && recorder) recording["temp_dir"] ??= "/tmp/camera-recordings";
  const http = group("http");
  if (http !== undefined && recorder && !homeAssistant) http["metrics_port"] ??= 9090;
}
