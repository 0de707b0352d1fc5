import { type Event, EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent, YAMLException } from "js-yaml";
import { DocumentError, type DocumentPath } from "./document.ts";
import { whyUnreadable } from "./yaml-mistake.ts";
import { scalarOffsets } from "./yaml-scalar.ts";

/** A node of a YAML document. An alias is the very node of its anchor, so one node may be reached on several ways, even from within itself. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

export interface YamlScalar {
  readonly kind: "scalar";
  /** Where it is written: its anchor's own place rather than its aliases'. */
  readonly path: DocumentPath;
  /** As YAML decodes it, before any tag or schema. */
  readonly value: string;
  readonly event: ScalarEvent;
}

export interface YamlSequence {
  readonly kind: "sequence";
  readonly path: DocumentPath;
  readonly items: readonly YamlNode[];
}

export interface YamlMapping {
  readonly kind: "mapping";
  readonly path: DocumentPath;
  /** As written, merge keys (`<<`) included. */
  readonly pairs: readonly { readonly key: YamlNode; readonly value: YamlNode }[];
}

/** A YAML text taken apart, with every offset kept. */
export interface YamlText {
  readonly text: string;
  readonly events: readonly Event[];
  /** The root of each document of the text, the first document first. */
  readonly roots: readonly YamlNode[];
  /** Every scalar in the order of the text, keys included. */
  readonly scalars: readonly YamlScalar[];
  /** Every scalar that is the key of a pair. */
  readonly keys: ReadonlySet<YamlScalar>;
}

/** Merged keys of one document are limited, so that nested merges cannot grow without bound. */
const MOST_MERGED_KEYS = 10_000;

type Draft =
  | YamlScalar
  | (YamlSequence & { readonly items: YamlNode[] })
  | (YamlMapping & { readonly pairs: { key: YamlNode; value: YamlNode }[] });

interface Frame {
  readonly node: Draft | undefined;
  key: YamlNode | undefined;
  readonly seen: Map<string, number>;
}

/**
 * Parses YAML or JSON of any number of documents. Tags, schema and types are left alone: what other programs make of a value is theirs.
 * @throws DocumentError with line and column where it is not readable; its message holds nothing of the text but key and anchor names
 */
export function parseYaml(text: string): YamlText {
  const events = parse(text);
  const roots: YamlNode[] = [];
  const scalars: YamlScalar[] = [];
  const keys = new Set<YamlScalar>();
  const frames: Frame[] = [];
  const anchors = new Map<string, YamlNode>();

  const add = (node: YamlNode, at: number) => {
    const frame = frames.at(-1);
    if (frame?.node === undefined) roots.push(node);
    else if (frame.node.kind === "sequence") frame.node.items.push(node);
    else if (frame.node.kind === "mapping") {
      if (frame.key === undefined) {
        if (node.kind === "mapping" && text.startsWith("{{", at - 1)) throw template(text, at - 1);
        if (node.kind === "scalar") keys.add(node);
        refuseTwice(text, frame, node, at);
        frame.key = node;
      } else {
        frame.node.pairs.push({ key: frame.key, value: node });
        frame.key = undefined;
      }
    }
  };
  const name = (event: Exclude<Event, { type: 1 | 6 }>, node: YamlNode) => {
    if (event.anchorStart !== -1) anchors.set(text.slice(event.anchorStart, event.anchorEnd), node);
  };

  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) {
      anchors.clear();
      frames.push({ node: undefined, key: undefined, seen: new Map() });
    } else if (event.type === EVENT_ID.POP) frames.pop();
    else if (event.type === EVENT_ID.ALIAS) {
      const alias = text.slice(event.anchorStart, event.anchorEnd);
      const node = anchors.get(alias);
      if (node === undefined) throw unreadable(text, event.anchorStart, `there is no anchor &${alias} before the alias *${alias}`);
      add(node, event.anchorStart);
    } else if (event.type === EVENT_ID.SCALAR) {
      const scalar: YamlScalar = { kind: "scalar", path: pathOf(frames), value: getScalarValue(text, event), event };
      scalars.push(scalar);
      name(event, scalar);
      add(scalar, event.valueStart);
    } else {
      const path = pathOf(frames);
      const node: Draft = event.type === EVENT_ID.SEQUENCE ? { kind: "sequence", path, items: [] } : { kind: "mapping", path, pairs: [] };
      name(event, node);
      add(node, event.start);
      frames.push({ node, key: undefined, seen: new Map() });
    }
  }
  return { text, events, roots, scalars, keys };
}

/** Reads mappings with their merges resolved, each at most once. One reader serves one text. */
export interface YamlReader {
  /**
   * The values of a mapping by key, as YAML 1.1 merges them: a key of the mapping's own wins over a merged one, an earlier source over a later one.
   * Empty for any other node. @throws DocumentError where a merge is no mapping, or merges without end
   */
  entries(node: YamlNode | undefined): ReadonlyMap<string, YamlNode>;
}

/** @see YamlReader */
export function yamlReader(yaml: YamlText): YamlReader {
  const done = new Map<YamlMapping, ReadonlyMap<string, YamlNode>>();
  const open = new Set<YamlMapping>();
  let merged = 0;

  const sourcesOf = (key: YamlNode, value: YamlNode): readonly YamlMapping[] => {
    const sources = value.kind === "sequence" ? value.items : [value];
    return sources.map((source) => {
      if (source.kind === "mapping" && !open.has(source)) return source;
      const at = key.kind === "scalar" ? key.event.valueStart : 0;
      throw unreadable(yaml.text, at, "a merge (<<) must name a mapping, or a list of mappings, that does not contain it");
    });
  };
  const entries = (node: YamlNode | undefined): ReadonlyMap<string, YamlNode> => {
    if (node?.kind !== "mapping") return new Map();
    const known = done.get(node);
    if (known !== undefined) return known;
    open.add(node);
    const values = new Map<string, YamlNode>();
    for (const { key, value } of node.pairs) {
      if (!isMerge(key)) continue;
      for (const source of sourcesOf(key, value)) {
        for (const [inherited, from] of entries(source)) {
          merged += 1;
          if (merged > MOST_MERGED_KEYS) throw unreadable(yaml.text, 0, `merges (<<) give more than ${MOST_MERGED_KEYS} keys`);
          if (!values.has(inherited)) values.set(inherited, from);
        }
      }
    }
    for (const { key, value } of node.pairs) if (key.kind === "scalar" && !isMerge(key)) values.set(key.value, value);
    open.delete(node);
    done.set(node, values);
    return values;
  };
  return { entries };
}

/**
 * Where a part of a scalar's value stands in the text, as half-open offsets; undefined where it is not written there one to one in one piece
 * (escapes, doubled quotes, a line break within).
 */
export function spanInText(
  yaml: YamlText,
  scalar: YamlScalar,
  from: number,
  to: number,
): { readonly start: number; readonly end: number } | undefined {
  const offsets = scalarOffsets(yaml.text, scalar.event, scalar.value);
  const start = offsets[from];
  if (start === undefined || to <= from || to > scalar.value.length) return undefined;
  for (let index = from; index < to; index += 1) if (offsets[index] !== start + index - from || start < 0) return undefined;
  return { start, end: start + to - from };
}

/** Line and column of an offset, both from 1. */
export function positionAt(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, Math.max(0, offset)).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** An error that names a place of the text. */
function unreadable(text: string, offset: number, message: string): DocumentError {
  const { line, column } = positionAt(text, offset);
  return new DocumentError("DocumentUnreadable", message, line, column);
}

function template(text: string, offset: number): DocumentError {
  const { line, column } = positionAt(text, offset);
  const message = "the document holds {{ … }} or {% … %}: it is a template from which another program makes the YAML";
  return new DocumentError("DocumentIsTemplate", message, line, column);
}

function parse(text: string): readonly Event[] {
  try {
    return parseEvents(text, {});
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // No `cause`: the exception's message quotes lines of the document, credentials included.
    const marker = firstTemplateMarker(text);
    if (marker !== undefined) throw template(text, marker);
    throw unreadable(text, error.mark?.position ?? 0, whyUnreadable(error.reason));
  }
}

function firstTemplateMarker(text: string): number | undefined {
  const match = /^(?![ \t]*#)(?:(?![ \t]#).)*?(\{\{|\{%)/m.exec(text);
  return match === null ? undefined : match.index + match[0].length - 2;
}

function pathOf(frames: readonly Frame[]): DocumentPath {
  const frame = frames.at(-1);
  if (frame?.node === undefined) return [];
  if (frame.node.kind === "sequence") return [...frame.node.path, frame.node.items.length];
  return [...frame.node.path, frame.key?.kind === "scalar" ? frame.key.value : "?"];
}

function isMerge(key: YamlNode): boolean {
  return key.kind === "scalar" && key.value === "<<" && key.event.style === SCALAR_STYLE.PLAIN && key.event.tagStart === -1;
}

function refuseTwice(text: string, frame: Frame, key: YamlNode, at: number): void {
  if (key.kind !== "scalar" || isMerge(key)) return;
  const first = frame.seen.get(key.value);
  if (first !== undefined)
    throw unreadable(text, at, `the key "${key.value}" stands twice, first in line ${positionAt(text, first).line}; remove one of the two`);
  frame.seen.set(key.value, at);
}
