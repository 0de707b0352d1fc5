/** A row of a CSV text. */
export interface CsvRow {
  /** The line that it begins in, counted from 1. */
  readonly line: number;
  readonly values: readonly string[];
  /** True where a quote is never closed: the rest of the text is in the last value. */
  readonly unclosed: boolean;
}

/**
 * Reads separated values with quotes and with line ends within them (RFC 4180). The separator is the comma, semicolon or tab that the first line has
 * most of. Empty lines are left out, values are trimmed, and a byte-order mark in front is no part of the first.
 */
export function parseCsv(text: string): readonly CsvRow[] {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const separator = separatorOf(source.slice(0, Math.max(0, `${source}\n`.indexOf("\n"))));
  const rows: CsvRow[] = [];
  let [line, at] = [1, 0];
  while (at < source.length) {
    const begin = line;
    const values: string[] = [];
    let [ended, unclosed] = [false, false];
    while (!ended) {
      const quoted = /^[ \t]*"/.exec(source.slice(at, at + 100));
      let value: string;
      if (quoted === null) {
        const end = endOf(source, separator, at);
        value = source.slice(at, end);
        at = end;
      } else {
        const close = closingQuote(source, at + quoted[0].length);
        unclosed = close === -1;
        const inside = source.slice(at + quoted[0].length, unclosed ? source.length : close);
        value = inside.replaceAll('""', '"');
        line += inside.split("\n").length - 1;
        at = unclosed ? source.length : endOf(source, separator, close + 1);
      }
      values.push(value.trim());
      ended = source[at] !== separator;
      at += 1;
    }
    line += 1;
    if (values.some((value) => value !== "")) rows.push({ line: begin, values, unclosed });
  }
  return rows;
}

function separatorOf(line: string): string {
  const count = (separator: string): number => line.split(separator).length;
  return [",", ";", "\t"].toSorted((one, other) => count(other) - count(one))[0] ?? ",";
}

/** Of the value that begins at `from`: its separator, its line end, or the end of the text. */
function endOf(text: string, separator: string, from: number): number {
  for (let at = from; at < text.length; at += 1) if (text[at] === separator || text[at] === "\n") return at;
  return text.length;
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) if (text[at + 1] !== '"') return at;
  return -1;
}
