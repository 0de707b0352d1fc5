/**
 * How a place of a document fills its placeholders.
 *
 * - `frigate`: a string of Frigate's own, Python's `str.format` over the `FRIGATE_*` variables (frigate/config/env.py): `{FRIGATE_X}`, and `{{` for `{`
 * - `frigate-stream`: a stream in Frigate's document: the same (docker/main/rootfs/usr/local/go2rtc/create_config.py), then as `go2rtc`
 * - `go2rtc`: `${NAME}` and `${NAME:default}` (go2rtc pkg/creds/creds.go)
 * - `none`: nothing is replaced
 */
export type Dialect = "frigate" | "frigate-stream" | "go2rtc" | "none";

/** Where a character of a filled text comes from: the text itself, or the value of a variable. */
export interface Origin {
  readonly variable?: string;
  /** UTF-16 offset in the text, or in the variable's value. */
  readonly offset: number;
}

export interface Filled {
  /** With every placeholder that is known replaced. */
  readonly text: string;
  /** One for each UTF-16 unit of `text`. */
  readonly origins: readonly Origin[];
  /** Names of placeholders that are unknown here; they stand in `text` as they were. */
  readonly missing: readonly string[];
}

/** Stands in for a character of a placeholder while a text is searched; private use, so it occurs nowhere else. */
export const OPAQUE = "\u{e000}";

/** `{NAME}`, `{{NAME}}`, `${NAME:default}` and what templates write, as one piece each. */
const ANY_PLACEHOLDER = /\$?\{\{?[^{}]*\}?\}/g;

/**
 * Fills the placeholders of a text as the program that reads it does.
 * @param environment variables by name, as far as they are known here
 * @returns undefined where one is unknown: such a text may not be sent to any program
 */
export function resolve(text: string, environment: ReadonlyMap<string, string>, dialect: Dialect): string | undefined {
  const filled = fill(text, environment, dialect);
  return filled.missing.length === 0 ? filled.text : undefined;
}

/** As `resolve`, with the origin of each character, and with unknown placeholders left standing. */
export function fill(text: string, environment: ReadonlyMap<string, string>, dialect: Dialect): Filled {
  const plain: Filled = { text, origins: Array.from({ length: text.length }, (_, offset) => ({ offset })), missing: [] };
  if (dialect === "none" || !/[{}]/.test(text)) return plain;
  const formatted =
    dialect === "go2rtc"
      ? plain
      : replace(plain, /\$\{[^{}]+\}|\{\{ [^{}]* \}\}|\{\{|\}\}|\{FRIGATE_[^{}]*\}/g, formatOne(environment, dialect));
  return dialect === "frigate" ? formatted : replace(formatted, /\$\{([^{}]+)\}/g, expandOne(environment));
}

/** The text with every character of a placeholder made opaque, so that what is inside one disturbs no search; offsets stay. */
export function hidePlaceholders(text: string, dialect: Dialect): string {
  return dialect === "none" ? text : text.replaceAll(ANY_PLACEHOLDER, (placeholder) => OPAQUE.repeat(placeholder.length));
}

/** The name of the first placeholder that touches a part of the text; undefined where none does. */
export function placeholderAt(text: string, from: number, to: number): string | undefined {
  for (const match of text.matchAll(ANY_PLACEHOLDER)) {
    if (match.index < to && match.index + match[0].length > from) return placeholderName(match[0]);
  }
  return undefined;
}

/** Names of all placeholders of a text, whatever the dialect. */
export function placeholderNames(text: string): readonly string[] {
  return text.includes("{") ? [...text.matchAll(ANY_PLACEHOLDER)].map((match) => placeholderName(match[0])) : [];
}

/** What one placeholder becomes: itself less its first characters, the value of a variable, or nothing that is known here. */
type Replacement = { readonly skip: number } | { readonly variable: string; readonly value: string } | { readonly missing: string };

function formatOne(environment: ReadonlyMap<string, string>, dialect: Dialect): (match: string) => Replacement {
  return (match) => {
    if (match === "{{" || match === "}}") return { skip: 1 };
    if (match.startsWith("$") && dialect === "frigate-stream") return { skip: 0 };
    const name = placeholderName(match);
    // Neither `${…}` nor `{{ … }}` is Frigate's: another program fills it before.
    if (!match.startsWith("{FRIGATE_")) return { missing: name };
    const value = environment.get(name);
    return value === undefined ? { missing: name } : { variable: name, value };
  };
}

function expandOne(environment: ReadonlyMap<string, string>): (match: string) => Replacement {
  return (match) => {
    const inner = match.slice(2, -1);
    const colon = inner.indexOf(":");
    const name = colon > 0 ? inner.slice(0, colon) : inner;
    const value = environment.get(name);
    if (value !== undefined) return { variable: name, value };
    return colon > 0 ? { variable: name, value: inner.slice(colon + 1) } : { missing: name };
  };
}

function replace(filled: Filled, pattern: RegExp, one: (match: string) => Replacement): Filled {
  let text = "";
  const origins: Origin[] = [];
  const missing: string[] = [];
  let last = 0;
  const copy = (from: number, to: number) => {
    text += filled.text.slice(from, to);
    for (let index = from; index < to; index += 1) origins.push(filled.origins[index] ?? { offset: -1 });
  };
  for (const match of filled.text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    copy(last, match.index);
    last = end;
    const replacement = one(match[0]);
    if ("missing" in replacement) {
      missing.push(replacement.missing);
      copy(match.index, end);
    } else if ("skip" in replacement) copy(match.index + replacement.skip, end);
    else {
      text += replacement.value;
      for (let offset = 0; offset < replacement.value.length; offset += 1) origins.push({ variable: replacement.variable, offset });
    }
  }
  copy(last, filled.text.length);
  return { text, origins, missing: [...new Set([...filled.missing, ...missing])] };
}

function placeholderName(placeholder: string): string {
  const inner = placeholder
    .replace(/^\$?\{\{?/, "")
    .replace(/\}\}?$/, "")
    .trim();
  return placeholder.startsWith("$") ? (inner.split(":")[0] ?? inner) : inner;
}
