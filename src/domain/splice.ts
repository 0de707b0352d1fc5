import type { Event } from "js-yaml";
import type { YamlScalar, YamlText } from "./yaml-text.ts";

/** The replacement of one part of one scalar. */
export interface Splice {
  /** Half-open offsets in the text. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  readonly scalar: YamlScalar;
  /** The same part in the scalar's decoded value. */
  readonly from: number;
  readonly to: number;
}

/** The text with every splice made at once: none sees another's outcome, so addresses can be swapped. They must not overlap. */
export function spliceText(text: string, splices: readonly Pick<Splice, "start" | "end" | "replacement">[]): string {
  let spliced = "";
  let last = 0;
  for (const { start, end, replacement } of splices.toSorted((one, other) => one.start - other.start)) {
    spliced += text.slice(last, start) + replacement;
    last = end;
  }
  return spliced + text.slice(last);
}

/**
 * Proves that two parsed texts differ in the splices and in nothing else: every byte between them is the same, every event stands where it must and
 * has the same style, tag and anchor, and every scalar decodes to what it was but for the replaced parts.
 * @returns what else differs, without quoting the text; undefined where it is proved
 */
export function proveSplices(before: YamlText, after: YamlText, splices: readonly Splice[]): string | undefined {
  const ordered = splices.toSorted((one, other) => one.start - other.start);
  return otherBytes(before.text, after.text, ordered) ?? otherEvents(before, after, ordered) ?? otherValues(before, after, ordered);
}

/** Proves that all text outside the splices is the same, and that each replacement stands where it must. They must be in order. */
export function otherBytes(
  before: string,
  after: string,
  splices: readonly Pick<Splice, "start" | "end" | "replacement">[],
): string | undefined {
  let from = 0;
  let shift = 0;
  for (const { start, end, replacement } of splices) {
    if (start < from || end <= start) return "two changes overlap";
    if (before.slice(from, start) !== after.slice(from + shift, start + shift)) return "text outside the addresses would change";
    if (after.slice(start + shift, start + shift + replacement.length) !== replacement) return "an address would not be what was intended";
    shift += replacement.length - (end - start);
    from = end;
  }
  return before.slice(from) === after.slice(from + shift) ? undefined : "text outside the addresses would change";
}

function otherEvents(before: YamlText, after: YamlText, splices: readonly Splice[]): string | undefined {
  if (before.events.length !== after.events.length) return "the document would have another structure";
  const moved = (offset: number) =>
    splices.reduce((sum, { start, end, replacement }) => (end <= offset ? sum + replacement.length - (end - start) : sum), offset);
  const different = before.events.some((event, index) => {
    const other = after.events[index];
    return other === undefined || !isEvent(other, shifted(event, moved));
  });
  return different ? "the document would have another structure" : undefined;
}

/** What an event must be after the splices: its offsets moved, all else as it is. */
function shifted(event: Event, moved: (offset: number) => number): ReadonlyMap<string, unknown> {
  const entries = Object.entries(event) as readonly (readonly [string, unknown])[];
  const place = (key: string, value: unknown) => {
    const isOffset = key === "start" || key.endsWith("Start") || key.endsWith("End");
    return isOffset && typeof value === "number" && value !== -1 ? moved(value) : value;
  };
  return new Map(entries.map(([key, value]) => [key, place(key, value)]));
}

function isEvent(event: Event, wanted: ReadonlyMap<string, unknown>): boolean {
  const entries = Object.entries(event) as readonly (readonly [string, unknown])[];
  // Directives of a document are a list; everything else is a number or a boolean.
  const same = (one: unknown, other: unknown) => one === other || (Array.isArray(one) && JSON.stringify(one) === JSON.stringify(other));
  return entries.length === wanted.size && entries.every(([key, value]) => same(value, wanted.get(key)));
}

function otherValues(before: YamlText, after: YamlText, splices: readonly Splice[]): string | undefined {
  const different = before.scalars.some((scalar, index) => {
    const own = splices.filter((splice) => splice.scalar === scalar).toSorted((one, other) => one.from - other.from);
    const wanted = spliceText(
      scalar.value,
      own.map(({ from, to, replacement }) => ({ start: from, end: to, replacement })),
    );
    return after.scalars[index]?.value !== wanted;
  });
  return different ? "a value other than the addresses would change" : undefined;
}
