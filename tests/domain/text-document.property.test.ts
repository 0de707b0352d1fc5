import fc from "fast-check";
import { expect, it } from "vitest";
import { type IpAddress, parseIp } from "../../src/domain/addresses.ts";
import type { OwnerName } from "../../src/domain/camera.ts";
import { textDocument } from "../../src/domain/text-document.ts";
import { at, ip } from "../reconcilers/fake-home.ts";

const RUNS = 10_000;
const FRONT: OwnerName = "device:front";
const [FORMER, NOW, OTHER] = [at(20), at(200), at(2)];

/** Pieces that texts of other programs are made of, and all that looks like an address. */
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<string>(FORMER, OTHER, NOW, "192.168.1.201", "10.0.0.7", "192.168.1") },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ".",
      "0",
      "9",
      "a",
      "_",
      " ",
      "\n",
      "\r\n",
      ":",
      "/",
      "@",
      '"',
      "\\n",
      "%2F",
      "%40",
      "%",
      "\uFEFF",
      "é",
      "😀",
      "-",
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom(` ${FORMER} `, `"${FORMER}"`, `u:p@${FORMER}:554/x\n`, `${OTHER},${FORMER},${NOW}\n`) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
);

/** The old text with what stands alone replaced, by an independent rule: character by character. */
function expected(text: string, to: IpAddress): string {
  let made = "";
  for (let index = 0; index < text.length;) {
    const lead = text.slice(0, index);
    const rest = text.slice(index + FORMER.length);
    const isAlone =
      text.startsWith(FORMER, index) &&
      !lead.endsWith("%") &&
      (/%[0-9a-fA-F]{2}$/.test(lead.slice(-3)) || /\\[nrt]$/.test(lead.slice(-2)) || !/[\p{L}\p{N}_.]$/u.test(lead)) &&
      !/^[\p{L}\p{N}_.]/u.test(rest);
    made += isAlone ? to : (text[index] ?? "");
    index += isAlone ? FORMER.length : 1;
  }
  return made;
}

it(`in ${RUNS} random texts only the camera's host changes; twice is once, and back is back`, () => {
  const format = textDocument([FRONT], () => ({
    followed: new Map([[FRONT, new Set([FORMER, NOW, ip("10.9.9.9")])]]),
    others: new Set([OTHER]),
  }));
  let edited = 0;
  const property = fc.property(fc.array(piece, { maxLength: 24 }), fc.constantFrom(NOW, ip("10.9.9.9")), (pieces, to) => {
    const text = pieces.join("");
    const follow = ({ address }: { readonly address: IpAddress }) => (address === FORMER ? to : undefined);
    const rewrite = format.rewrite(text, follow);
    expect(rewrite.text).toBe(expected(text, to));
    expect(format.rewrite(rewrite.text, follow)).toEqual({ text: rewrite.text, edits: [] });
    const places = new Set(rewrite.edits.map(({ path }) => path.join()));
    expect(format.rewrite(rewrite.text, ({ path }) => (places.has(path.join()) ? FORMER : undefined)).text).toBe(text);
    edited += rewrite.edits.length;
  });
  expect(() => fc.assert(property, { numRuns: RUNS })).not.toThrow();
  expect(edited).toBeGreaterThan(RUNS / 4);
  expect(parseIp(FORMER)).toBe(FORMER);
});
