import {
  DocumentError,
  type DocumentFormat,
  type DocumentPath,
  type DocumentReading,
  type HostEdit,
  hostOf,
  type LeftAlone,
  type Occurrence,
} from "./document.ts";
import { notProved, understandAgain } from "./not-proved.ts";
import { proveSplices, type Splice, spliceText } from "./splice.ts";
import { parseYaml, positionAt, spanInText, type YamlReader, yamlReader, type YamlScalar, type YamlText } from "./yaml-text.ts";

// A cluster keeps Frigate's configuration as a text inside another YAML: `data` of a ConfigMap, `values` of a HelmRelease, a chart's values file.

/** Which of several texts inside a document is meant: the last part of its path, or its whole path joined by dots. */
export type InnerKey = string;

interface Inner {
  readonly outer: YamlText;
  /** The scalar that holds the inner text; undefined where the document is the inner text itself. */
  readonly holder: YamlScalar | undefined;
}

interface Understood extends Inner {
  readonly reading: DocumentReading;
  /** The inner format's occurrence of each of `reading`, by the place where it begins in the inner text. */
  readonly byInnerStart: ReadonlyMap<number, Occurrence>;
}

/**
 * A document that holds `inner`'s text: as the value of a key at any depth, written in any of YAML's styles, or as it is. Both YAMLs are parsed, the
 * hosts are replaced where they stand in the outer text, and both are parsed again and compared.
 * @param key needed only where several texts in the document look like `inner`'s
 */
export function nestedDocument(inner: DocumentFormat, key?: InnerKey): DocumentFormat {
  const understand = (text: string): Understood => {
    const outer = parseYaml(text);
    const holder = findHolder(outer, key);
    if (holder === undefined) {
      const reading = inner.read(text);
      return { outer, holder, reading, byInnerStart: new Map(reading.occurrences.map((occurrence) => [occurrence.start, occurrence])) };
    }
    return mapped(
      outer,
      holder,
      inside(outer, holder, () => inner.read(holder.value)),
    );
  };
  return {
    kind: inner.kind,
    read: (text) => understand(text).reading,
    rewrite: (text, hostFor) => {
      const before = understand(text);
      const { outer, holder, byInnerStart } = before;
      if (holder === undefined) return inner.rewrite(text, hostFor);
      const splices: Splice[] = [];
      const edits: HostEdit[] = [];
      const changed = inside(outer, holder, () =>
        inner.rewrite(holder.value, (occurrence) => {
          const known = byInnerStart.get(occurrence.start);
          const to = known === undefined ? undefined : hostFor(known);
          if (known === undefined || to === undefined || to === hostOf(occurrence)) return undefined;
          splices.push({ start: known.start, end: known.end, replacement: to, scalar: holder, from: occurrence.start, to: occurrence.end });
          edits.push({ path: known.path, owners: known.owners, from: hostOf(known), to });
          return to;
        }),
      );
      if (changed.edits.length === 0) return { text, edits: [] };
      if (changed.edits.length !== edits.length)
        throw notProved("the text inside would change in other places than the document around it");
      const spliced = spliceText(text, splices);
      const after = understandAgain(understand, spliced);
      const difference =
        proveSplices(outer, after.outer, splices) ??
        (after.holder?.value === changed.text ? undefined : "the text inside would not be what was intended");
      if (difference !== undefined) throw notProved(difference);
      return { text: spliced, edits };
    },
  };
}

function findHolder(outer: YamlText, key: InnerKey | undefined): YamlScalar | undefined {
  const reader = yamlReader(outer);
  if (key === undefined && outer.roots.some((root) => reader.entries(reader.entries(root).get("cameras")).size > 0)) {
    if (!isObject(outer, reader)) return undefined;
  }
  const texts = outer.scalars.filter((scalar) => !outer.keys.has(scalar) && isFrigate(scalar.value));
  const named = key === undefined ? texts : texts.filter(({ path }) => path.at(-1) === key || path.join(".") === key);
  const [only, ...others] = named;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    const { line } = positionAt(outer.text, others[0]?.event.valueStart ?? 0);
    const names = named.map(({ path }) => path.join("."));
    throw new DocumentError(
      "DocumentUnreadable",
      `several texts in it look like Frigate's configuration (${names.slice(0, 4).join(", ")}); name the one that is meant as key`,
      line,
      1,
    );
  }
  if (key !== undefined)
    throw new DocumentError("DocumentUnreadable", `no text with cameras stands under a key ${JSON.stringify(key)} in it`, 1, 1);
  // Frigate's configuration without cameras is nothing to look after, and what holds none is the wrong file.
  if (outer.roots.some((root) => reader.entries(root).has("go2rtc"))) return undefined;
  throw new DocumentError(
    "DocumentUnreadable",
    "no Frigate configuration was found in it: neither `cameras` at its top level nor a text that has them",
    1,
    1,
  );
}

/** Whether the document is an object of Kubernetes, whose own `cameras`, if any, are no Frigate's. */
function isObject(outer: YamlText, reader: YamlReader): boolean {
  return outer.roots.some((root) => reader.entries(root).has("apiVersion") && reader.entries(root).has("kind"));
}

/** Whether a text is Frigate's configuration: `cameras` is a key at its top level. One that is broken is taken by its look, so that the mistake is named. */
function isFrigate(text: string): boolean {
  if (!text.includes("cameras") || !text.includes("\n")) return false;
  try {
    const yaml = parseYaml(text);
    const reader = yamlReader(yaml);
    return yaml.roots.some((root) => reader.entries(root).has("cameras"));
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return /^["']?cameras["']?[ \t]*:/m.test(text);
  }
}

function mapped(outer: YamlText, holder: YamlScalar, inner: DocumentReading): Understood {
  const byInnerStart = new Map<number, Occurrence>();
  const left: LeftAlone[] = [];
  const pathOf = (path: DocumentPath): DocumentPath => [...holder.path, ...path];
  const occurrences = inner.occurrences.flatMap((occurrence) => {
    const span = spanInText(outer, holder, occurrence.start, occurrence.end);
    const { owners } = occurrence;
    const path = pathOf(occurrence.path);
    if (span === undefined) {
      left.push({ path, owners, host: hostOf(occurrence), why: "not-rewritable" });
      return [];
    }
    const here: Occurrence = { ...occurrence, path, ...span };
    byInnerStart.set(occurrence.start, here);
    return [here];
  });
  const leftAlone = [...inner.leftAlone.map((place) => ({ ...place, path: pathOf(place.path) })), ...left];
  return { outer, holder, reading: { ...inner, occurrences, leftAlone }, byInnerStart };
}

/** Runs what may find a mistake in the inner text, and names the mistake's place in the outer one. */
function inside<Result>(outer: YamlText, holder: YamlScalar, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DocumentError) || error.line === undefined) throw error;
    const offset = offsetOf(holder.value, error.line, error.column ?? 1);
    const span = spanInText(outer, holder, offset, offset + 1) ?? { start: holder.event.valueStart };
    const { line, column } = positionAt(outer.text, span.start);
    throw new DocumentError(error.reason, `in the text under ${holder.path.join(".")}: ${error.message}`, line, column, { cause: error });
  }
}

function offsetOf(text: string, line: number, column: number): number {
  let offset = 0;
  for (let at = 1; at < line; at += 1) {
    const next = text.indexOf("\n", offset);
    if (next === -1) break;
    offset = next + 1;
  }
  return offset + column - 1;
}
