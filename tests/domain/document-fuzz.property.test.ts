import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { go2rtcDocument } from "../../src/adapters/go2rtc/document.ts";
import { parseIp } from "../../src/domain/addresses.ts";
import { DocumentError } from "../../src/domain/document.ts";

const RUNS = process.env["MUTANT"] === undefined ? 4000 : 300;
const folder = join(import.meta.dirname, "../golden/documents");
const documents = readdirSync(folder).map((name) => {
  const file = readdirSync(join(folder, name)).find((entry) => entry.endsWith(".before.yml")) ?? "";
  return readFileSync(join(folder, name, file), "utf8");
});
const environment = new Map([["FRIGATE_RTSP_PASSWORD", "canary"]]);
const formats = [frigateDocument({ environment }), go2rtcDocument({ environment })] as const;
const to = parseIp("10.11.12.13");

const Piece = fc.constantFrom(
  "'",
  '"',
  "\n",
  "\r",
  "\t",
  " ",
  ": ",
  "- ",
  "#",
  " #",
  "&a ",
  "*a",
  "{",
  "}",
  "[",
  "]",
  ",",
  "|",
  ">",
  "!",
  "%",
  "@",
  "://",
  "192.168.1.10",
  "{{",
  "${A:b}",
  "<<: ",
  "\\",
  "---\n",
  "\u{feff}",
  "\u{0}",
);
const Edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.nat(6), put: Piece });

/** What a format makes of a text: its rewrite, or the error for a person. Anything else that is thrown is a mistake of ours. */
function outcome(
  format: (typeof formats)[number],
  text: string,
): { readonly text: string; readonly spans: readonly (readonly [number, number])[] } | DocumentError {
  try {
    const spans = format.read(text).occurrences.map(({ start, end }) => [start, end] as const);
    return { text: format.rewrite(text, () => to).text, spans };
  } catch (error) {
    if (error instanceof DocumentError) return error;
    throw error;
  }
}

test(`${RUNS} documents that were damaged at random are refused for a person, or only their hosts change`, { timeout: 120_000 }, () => {
  let healed = 0;
  let refused = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...documents),
      fc.array(Edit, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...formats),
      (document, edits, format) => {
        const text = edits.reduce((now, { at, drop, put }) => {
          const from = Math.floor(at * now.length);
          return now.slice(0, from) + put + now.slice(from + drop);
        }, document);
        const result = outcome(format, text);
        const wanted =
          result instanceof DocumentError
            ? undefined
            : result.spans.reduceRight((now, [start, end]) => now.slice(0, start) + String(to) + now.slice(end), text);
        expect(result instanceof DocumentError ? undefined : result.text).toBe(wanted);
        expect(result instanceof DocumentError ? result.message : "").not.toContain("canary");
        if (result instanceof DocumentError) refused += 1;
        else healed += 1;
      },
    ),
    { numRuns: RUNS, seed: 3 },
  );
  expect(Math.min(healed, refused) / RUNS).toBeGreaterThan(0.1);
});
