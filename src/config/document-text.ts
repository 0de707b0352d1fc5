import {
  CORE_SCHEMA,
  EVENT_ALIAS,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  getScalarValue,
  load,
  parseEvents,
  YAMLException,
} from "js-yaml";
import { parse as parseToml, TomlError } from "smol-toml";
import { formatPath, type OptionPath } from "./keys.ts";

/** A document of options as written, before it is validated. */
export interface DocumentText {
  readonly value: unknown;
  /** Line of a path, counted from 1, by the path as `formatPath` writes it. Paths may be missing. */
  readonly lines: ReadonlyMap<string, number>;
}

/**
 * A document that is not what its name says. Neither the message nor a cause repeats its content, which may be secret: the parsers' own errors
 * quote the lines around the fault, so they are dropped here.
 */
export class DocumentTextError extends Error {
  override readonly name = "DocumentTextError";
  readonly line: number | undefined;
  constructor(message: string, line: number | undefined) {
    super(message);
    this.line = line;
  }
}

/**
 * Reads YAML (and JSON, which it contains) or TOML, by the name of the file; a file with another name is taken for TOML where its first line of
 * content is a `[table]` or `key = value`. An empty document has no options.
 * @throws DocumentTextError
 */
export function readDocumentText(path: string, text: string): DocumentText {
  const content = text.replace(/^\uFEFF/, "");
  return /\.toml$/i.test(path) || (!/\.(?:ya?ml|json)$/i.test(path) && looksLikeToml(content)) ? readToml(content) : readYaml(content);
}

function looksLikeToml(text: string): boolean {
  const first = text.split(/\r?\n/).find((line) => !/^\s*(?:#|$)/.test(line)) ?? "";
  return /^\s*(?:\[{1,2}[\w.\s"-]+\]{1,2}\s*(?:#.*)?$|[\w."-]+\s*=)/.test(first);
}

function readYaml(text: string): DocumentText {
  if (text.replaceAll(/^\s*(?:#.*)?$/gm, "").trim() === "") return { value: undefined, lines: new Map() };
  try {
    return { value: load(text, { schema: CORE_SCHEMA }), lines: yamlLines(text) };
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    const line = cause.mark === undefined ? undefined : cause.mark.line + 1;
    throw new DocumentTextError(`cannot be read as YAML or JSON: ${cause.reason}`, line);
  }
}

interface Frame {
  readonly path: OptionPath;
  readonly kind: "map" | "list";
  key: string | undefined;
  index: number;
}

/** Walks the events and notes where each key and each entry begins. */
function yamlLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const lineAt = counter(text);
  const frames: (Frame | undefined)[] = [];
  const place = (start: number): OptionPath | undefined => {
    const frame = frames.at(-1);
    if (frame === undefined) return frames.length <= 1 ? [] : undefined;
    const path = [...frame.path, frame.kind === "map" ? (frame.key ?? "") : frame.index];
    if (frame.kind === "list") lines.set(formatPath(path), lineAt(start));
    frame.key = undefined;
    frame.index += 1;
    return path;
  };
  for (const event of parseEvents(text, {})) {
    if (event.type === EVENT_POP) frames.pop();
    else if (event.type === EVENT_MAPPING || event.type === EVENT_SEQUENCE) {
      const path = place(event.start);
      frames.push(path === undefined ? undefined : { path, kind: event.type === EVENT_MAPPING ? "map" : "list", key: undefined, index: 0 });
    } else if (event.type === EVENT_SCALAR || event.type === EVENT_ALIAS) {
      const frame = frames.at(-1);
      const start = event.type === EVENT_SCALAR ? event.valueStart : event.anchorStart;
      if (frame?.kind === "map" && frame.key === undefined && event.type === EVENT_SCALAR) {
        frame.key = getScalarValue(text, event);
        lines.set(formatPath([...frame.path, frame.key]), lineAt(start));
      } else place(start);
    } else frames.push(undefined);
  }
  return lines;
}

/** Line numbers for offsets that are asked for in rising order. */
function counter(text: string): (offset: number) => number {
  let line = 1;
  let from = 0;
  return (offset) => {
    for (; from < offset; from += 1) if (text[from] === "\n") line += 1;
    return line;
  };
}

function readToml(text: string): DocumentText {
  try {
    return { value: parseToml(text), lines: tomlLines(text) };
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [first = ""] = cause.message.split("\n");
    throw new DocumentTextError(`cannot be read as TOML: ${first.replace(/^Invalid TOML document: /, "")}`, cause.line);
  }
}

/** Lines of the plain forms, `[table]`, `[[list]]` and `key = value`; the parser itself tells none. */
function tomlLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const counts = new Map<string, number>();
  let table: OptionPath = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, list, plain, key] = /^\s*(?:\[\[\s*([\w.-]+)\s*\]\]|\[\s*([\w.-]+)\s*\]|([\w.-]+)\s*=)/.exec(line) ?? [];
    if (list !== undefined) {
      const count = counts.get(list) ?? 0;
      counts.set(list, count + 1);
      table = [...list.split("."), count];
      lines.set(formatPath(table), index + 1);
    } else if (plain !== undefined) {
      table = plain.split(".");
      lines.set(formatPath(table), index + 1);
    } else if (key !== undefined) lines.set(formatPath([...table, ...key.split(".")]), index + 1);
  }
  return lines;
}
