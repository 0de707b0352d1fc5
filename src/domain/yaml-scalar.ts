import { CHOMPING_MODE, SCALAR_STYLE, type ScalarEvent } from "js-yaml";

/** A value as it is decoded, each character with its place in the text: -1 where it is not written there as itself. */
interface Decoded {
  value: string;
  readonly offsets: number[];
}

/** How many hexadecimal digits follow `\x`, `\u` and `\U`. */
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * For each UTF-16 unit of a scalar's decoded value its offset in the text, or -1 where it is not written there as itself (an escape, a doubled quote,
 * a folded line break). All -1 where this decoder and js-yaml's disagree: then nothing of the scalar may be edited.
 */
export function scalarOffsets(text: string, event: ScalarEvent, value: string): readonly number[] {
  if (event.valueStart === -1) return [];
  if (event.fast) return Array.from({ length: value.length }, (_, index) => event.valueStart + index);
  const decoded = decode(text, event);
  return decoded.value === value ? decoded.offsets : Array.from({ length: value.length }, () => -1);
}

function decode(text: string, event: ScalarEvent): Decoded {
  const decoded: Decoded = { value: "", offsets: [] };
  if (event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK) decodeBlock(text, event, decoded);
  else decodeFlow(text, event, decoded);
  return decoded;
}

function keep(decoded: Decoded, text: string, from: number, to: number): void {
  decoded.value += text.slice(from, to);
  for (let offset = from; offset < to; offset += 1) decoded.offsets.push(offset);
}

function make(decoded: Decoded, made: string): void {
  decoded.value += made;
  for (let count = 0; count < made.length; count += 1) decoded.offsets.push(-1);
}

/** Plain and quoted scalars (YAML 1.2.2 §7.3): line breaks fold, white space around them goes. */
function decodeFlow(text: string, event: ScalarEvent, decoded: Decoded): void {
  const { valueStart, valueEnd, style } = event;
  let at = valueStart;
  let kept = valueStart;
  let solid = valueStart;
  while (at < valueEnd) {
    const char = text[at] ?? "";
    if (char === "\n" || char === "\r") {
      keep(decoded, text, kept, solid);
      const { next, breaks } = skipBreaks(text, at, valueEnd);
      make(decoded, breaks === 1 ? " " : "\n".repeat(breaks - 1));
      at = kept = solid = next;
    } else if (style === SCALAR_STYLE.SINGLE_QUOTED && char === "'") {
      keep(decoded, text, kept, at);
      make(decoded, "'");
      at = kept = solid = at + 2;
    } else if (style === SCALAR_STYLE.DOUBLE_QUOTED && char === "\\") {
      keep(decoded, text, kept, at);
      at = kept = solid = decodeEscape(text, at + 1, valueEnd, decoded);
    } else {
      at += 1;
      if (char !== " " && char !== "\t") solid = at;
    }
  }
  keep(decoded, text, kept, style === SCALAR_STYLE.PLAIN ? solid : valueEnd);
}

function decodeEscape(text: string, at: number, end: number, decoded: Decoded): number {
  const char = text[at] ?? "";
  if (char === "\n" || char === "\r") return skipBreaks(text, at, end).next;
  const digits = HEX_DIGITS[char];
  if (digits !== undefined) {
    const code = Number.parseInt(text.slice(at + 1, at + 1 + digits), 16);
    make(decoded, code > 0x10ffff ? "\u{fffd}" : String.fromCodePoint(code));
    return at + 1 + digits;
  }
  make(decoded, ESCAPES[char] ?? char);
  return at + 1;
}

/** YAML 1.2.2 §5.7; a character that is not listed stands for itself. */
const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\u{7}",
  b: "\b",
  t: "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\u{1b}",
  N: "\u{85}",
  _: "\u{a0}",
  L: "\u{2028}",
  P: "\u{2029}",
};

function skipBreaks(text: string, from: number, end: number): { readonly next: number; readonly breaks: number } {
  let at = from;
  let breaks = 0;
  while (at < end) {
    const char = text[at];
    if (char === "\r" && text[at + 1] === "\n") at += 1;
    else if (char !== "\n" && char !== "\r" && char !== " " && char !== "\t") break;
    if (text[at] === "\n" || text[at] === "\r") breaks += 1;
    at += 1;
  }
  return { next: at, breaks };
}

/** Block scalars (YAML 1.2.2 §8.1): the indentation goes, folded lines join, the last breaks are kept or not. */
function decodeBlock(text: string, event: ScalarEvent, decoded: Decoded): void {
  const folded = event.style === SCALAR_STYLE.FOLDED_BLOCK;
  const indent = Math.max(0, event.indent);
  let empty = 0;
  let content = false;
  let deeper = false;
  for (const line of linesOf(text, event.valueStart, event.valueEnd)) {
    let column = 0;
    while (column < indent && text[line.start + column] === " ") column += 1;
    if (event.indent < 0 || line.start + column >= line.end) {
      empty += 1;
      continue;
    }
    const first = text[line.start + indent];
    const isDeeper = first === " " || first === "\t";
    if (!folded || isDeeper) make(decoded, "\n".repeat(content ? 1 + empty : empty));
    else if (deeper) make(decoded, "\n".repeat(empty + 1));
    else if (empty > 0) make(decoded, "\n".repeat(empty));
    else if (content) make(decoded, " ");
    deeper = folded && isDeeper;
    keep(decoded, text, line.start + indent, line.end);
    content = true;
    empty = 0;
  }
  if (event.chomping === CHOMPING_MODE.KEEP) make(decoded, "\n".repeat(content ? 1 + empty : empty));
  else if (event.chomping !== CHOMPING_MODE.STRIP && content) make(decoded, "\n");
}

function linesOf(text: string, from: number, to: number): readonly { readonly start: number; readonly end: number }[] {
  const lines: { start: number; end: number }[] = [];
  let start = from;
  while (start < to) {
    let end = start;
    while (end < to && text[end] !== "\n" && text[end] !== "\r") end += 1;
    lines.push({ start, end });
    start = text[end] === "\r" && text[end + 1] === "\n" ? end + 2 : end + 1;
  }
  return lines;
}
