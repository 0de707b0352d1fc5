import { isDeepStrictEqual } from "node:util";
import { COLLECTION_STYLE, type Event, EVENT_ID, getScalarValue, load, parseEvents, YAML11_SCHEMA } from "js-yaml";
import { isPlain, type Plain } from "../../domain/plain.ts";

/** Sections of go2rtc's file in which its API stores entries by stream name (go2rtc internal/streams/api.go). */
const SECTIONS = ["streams", "preload"] as const;

/** The file cannot be changed safely; the message says why. */
export class StoredEntriesError extends Error {
  override readonly name = "StoredEntriesError";
}

/** Whether go2rtc's file defines a stream; undefined where the text is no YAML mapping: go2rtc then stores nothing in it. */
export function definesStream(text: string, name: string): boolean | undefined {
  const document = parse(text);
  if (document === undefined) return undefined;
  const streams = document["streams"];
  return isPlain(streams) && Object.hasOwn(streams, name);
}

/**
 * The text without the lines that define these streams and their preloading; every other byte stays. A section that becomes empty goes too where
 * nothing follows it, because go2rtc appends a missing section at the end.
 * @returns the text itself where it has none of the entries
 * @throws StoredEntriesError where it is not in the form in which go2rtc stores, or the outcome would not be the same but for the entries
 */
export function removeEntries(text: string, names: readonly string[]): string {
  const document = parse(text);
  if (document === undefined) throw new StoredEntriesError("it is not a YAML mapping");
  const spans = findEntries(text, new Set(names));
  let rest = text;
  for (const span of spans.toReversed()) rest = rest.slice(0, span.start) + rest.slice(span.end);
  // Twice, because one of them may be what follows the other.
  for (const section of [...SECTIONS, ...SECTIONS])
    if (spans.some((span) => span.section === section)) rest = dropEmptySection(rest, section);
  if (!isDeepStrictEqual(normal(parse(rest)), normal(without(document, names)))) {
    throw new StoredEntriesError("its entries are not written the way go2rtc writes them");
  }
  return rest;
}

interface Span {
  readonly section: string;
  readonly start: number;
  readonly end: number;
}

/** Whole lines of the entries, in the order of the text. */
function findEntries(text: string, names: ReadonlySet<string>): readonly Span[] {
  const spans: Span[] = [];
  const root = parseEvents(text, {});
  for (const { key, value } of childrenOf(text, root, 1)) {
    const section = SECTIONS.find((candidate) => candidate === key.name);
    const opening = root[value.from];
    if (section === undefined || opening?.type !== EVENT_ID.MAPPING || opening.style !== COLLECTION_STYLE.BLOCK) continue;
    for (const child of childrenOf(text, root, value.from)) {
      if (names.has(child.key.name)) spans.push({ section, ...wholeLines(text, child.key.start, endOf(root, child)) });
    }
  }
  return spans;
}

interface Child {
  readonly key: { readonly name: string; readonly start: number; readonly end: number };
  /** The events of the value, `from` included, `to` excluded. */
  readonly value: { readonly from: number; readonly to: number };
}

/** The children of the mapping whose opening event is at `index`; keys that are no scalars are passed over. */
function childrenOf(text: string, events: readonly Event[], index: number): readonly Child[] {
  if (events[index]?.type !== EVENT_ID.MAPPING) return [];
  const children: Child[] = [];
  let at = index + 1;
  while (at < events.length && events[at]?.type !== EVENT_ID.POP) {
    const key = events[at];
    const from = skip(events, at);
    const to = skip(events, from);
    if (key?.type === EVENT_ID.SCALAR) {
      children.push({ key: { name: getScalarValue(text, key), start: key.valueStart, end: key.valueEnd }, value: { from, to } });
    }
    at = to;
  }
  return children;
}

/** The index behind the node that begins at `index`. */
function skip(events: readonly Event[], index: number): number {
  let depth = 0;
  let at = index;
  do {
    const type = events[at]?.type;
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth++;
    if (type === EVENT_ID.POP) depth--;
    at++;
  } while (depth > 0 && at < events.length);
  return at;
}

function endOf(events: readonly Event[], { key, value }: Child): number {
  let end = key.end;
  for (const event of events.slice(value.from, value.to)) {
    if (event.type === EVENT_ID.SCALAR) end = Math.max(end, event.valueEnd);
    if (event.type === EVENT_ID.ALIAS) end = Math.max(end, event.anchorEnd);
  }
  return end;
}

function wholeLines(text: string, from: number, to: number): { readonly start: number; readonly end: number } {
  const lineEnd = text.indexOf("\n", Math.max(from, to - 1));
  return { start: text.lastIndexOf("\n", from - 1) + 1, end: lineEnd < 0 ? text.length : lineEnd + 1 };
}

function dropEmptySection(text: string, section: string): string {
  const [line] = new RegExp(String.raw`^${section}:\s*(?![\s\S])`, "m").exec(text) ?? [];
  return line === undefined ? text : text.slice(0, text.length - line.length);
}

function parse(text: string): Plain | undefined {
  try {
    // An absent document loads as null or undefined by version and schema; go2rtc reads it as an empty mapping.
    const document: unknown = text.trim() === "" ? {} : (load(text, { schema: YAML11_SCHEMA }) ?? {});
    return isPlain(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

function without(document: Plain, names: readonly string[]): Plain {
  const copy: Record<string, unknown> = { ...document };
  for (const section of SECTIONS) {
    const entries = copy[section];
    if (isPlain(entries)) copy[section] = Object.fromEntries(Object.entries(entries).filter(([name]) => !names.includes(name)));
  }
  return copy;
}

/** An empty section, a null one and an absent one mean the same to go2rtc. */
function normal(document: Plain | undefined): unknown {
  if (document === undefined) return undefined;
  const isEmpty = (value: unknown): boolean => value === null || (isPlain(value) && Object.keys(value).length === 0);
  return Object.fromEntries(
    Object.entries(document).filter(([key, value]) => !(SECTIONS.some((section) => section === key) && isEmpty(value))),
  );
}
