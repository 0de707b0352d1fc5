import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

/** How a run of characters looks: what is set of ECMA-48's "select graphic rendition" codes. */
interface Style {
  readonly colour: string | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
}

interface Run {
  /** Column of its first character. */
  readonly at: number;
  readonly text: string;
  readonly style: Style;
}

const PLAIN: Style = { colour: undefined, bold: false, dim: false };

/** Readable on the dark ground, and told apart by people who do not see colours alike: each also differs in lightness. */
const COLOURS: Readonly<Record<number, string>> = {
  31: "#ff7b72",
  32: "#7ee787",
  33: "#e3b341",
  36: "#79c0ff",
};
const GROUND = "#0d1117";
const INK = "#e6edf3";
const FAINT = "#8b949e";

const FONT = 13;
/** Advance of one character: three fifths of the size in every common monospaced font; `textLength` holds the others to it. */
const ADVANCE = 7.8;
const LINE = 18;
const MARGIN = 16;

/** The escape sequences of a terminal; the first group holds the codes of a colour change. */
// oxlint-disable-next-line no-control-regex -- escape sequences begin with a control character
const SEQUENCE = /\u001B(?:\[([\d;]*)m|\[[\d;?]*[A-Za-ln-z]|\][^\u0007]*\u0007)/g;

/**
 * A picture of what a program printed on a terminal: an SVG without script, image or font of its own. The lines that script(1) adds are left out;
 * of what stays, nothing is changed.
 * @param title for people who cannot see it
 */
export function terminalPicture(printed: string, title: string): string {
  const lines = linesOf(printed).map(runsOf);
  const columns = Math.max(40, ...lines.flatMap((runs) => runs.map(({ at, text }) => at + text.length)));
  const size = { width: Math.ceil(columns * ADVANCE) + 2 * MARGIN, height: lines.length * LINE + 2 * MARGIN };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${GROUND}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT}" fill="${INK}">`,
    ...lines.flatMap((runs, index) => textOf(runs, MARGIN + index * LINE + FONT)),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function linesOf(printed: string): readonly string[] {
  const lines = printed.replaceAll("\r", "").split("\n");
  const own = lines.filter((line) => !/^Script (?:started|done) on /.test(line));
  while (own.at(-1)?.trim() === "") own.pop();
  while (own[0]?.trim() === "") own.shift();
  return own;
}

function runsOf(line: string): readonly Run[] {
  const runs: Run[] = [];
  let style = PLAIN;
  let at = 0;
  let from = 0;
  const add = (text: string): void => {
    if (text !== "") runs.push({ at, text, style });
    at += text.length;
  };
  for (const sequence of line.matchAll(SEQUENCE)) {
    add(line.slice(from, sequence.index));
    from = sequence.index + sequence[0].length;
    if (sequence[1] !== undefined) style = sequence[1].split(";").map(Number).reduce(styled, style);
  }
  add(line.slice(from));
  return runs;
}

function styled(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, colour: undefined };
  return code in COLOURS ? { ...style, colour: COLOURS[code] } : style;
}

/** Each word group has its own place, so that columns stand straight however a viewer treats blanks. */
function textOf(runs: readonly Run[], y: number): readonly string[] {
  const spans = runs.flatMap(({ at, text, style }) =>
    [...text.matchAll(/\S+(?: \S+)*/g)].map((group) => {
      const fill = style.colour ?? (style.dim ? FAINT : undefined);
      const look = `${fill === undefined ? "" : ` fill="${fill}"`}${style.bold ? ' font-weight="bold"' : ""}`;
      const x = MARGIN + (at + group.index) * ADVANCE;
      return `<tspan x="${x.toFixed(1)}" textLength="${(group[0].length * ADVANCE).toFixed(1)}"${look}>${escaped(group[0])}</tspan>`;
    }),
  );
  return spans.length === 0 ? [] : [`<text y="${y}">${spans.join("")}</text>`];
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options: { title: { type: "string" } }, allowPositionals: true });
  const [file] = positionals;
  if (file === undefined || values.title === undefined) throw new Error("usage: node script/terminal-svg.ts --title TEXT FILE");
  process.stdout.write(terminalPicture(readFileSync(file, "utf8"), values.title));
}
