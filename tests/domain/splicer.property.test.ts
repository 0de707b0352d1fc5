import fc from "fast-check";
import { defineScalarTag, loadAll, YAML11_SCHEMA } from "js-yaml";
import { afterAll, expect, test } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { ENVIRONMENT, FORMS, type Form } from "./frigate-documents.ts";
import { byOwner, movesOf, randomDocuments, replaced } from "./random-documents.ts";

const DOCUMENTS = process.env["MUTANT"] === undefined ? 10_000 : 300;
const SCHEMA = YAML11_SCHEMA.withTags(defineScalarTag("!", { matchByTagPrefix: true, resolve: (source) => source, identify: () => false }));
const counts = new Map<Form, number>(FORMS.map((form) => [form, 0]));
let generated = 0;

const format = frigateDocument({ environment: ENVIRONMENT });

/** What `act` gives; a refusal is a failed assertion, for nothing here is to be refused. */
function accepted<Result>(act: () => Result): Result {
  let result: { readonly value: Result } | undefined;
  expect(() => (result = { value: act() })).not.toThrow();
  if (result === undefined) throw new Error("nothing came of it");
  return result.value;
}

/** Every string of a document as other programs read it, with the addresses in it hidden. */
function withoutAddresses(text: string): unknown {
  const hide = (value: unknown): unknown => {
    if (typeof value === "string") return value.replaceAll(/(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)/g, "ADDRESS");
    if (Array.isArray(value)) return value.map(hide);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hide(inner)]));
  };
  return loadAll(text, { schema: SCHEMA }).map(hide);
}

test(`${DOCUMENTS} random documents: only the hosts change, twice is once, back is back, swaps work`, { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(randomDocuments(400), ({ document, choose }) => {
      generated += 1;
      for (const form of document.forms) counts.set(form, (counts.get(form) ?? 0) + 1);
      const spans = document.spans.filter((span) => span.owners.size > 0);
      const used = { ...document, spans };
      const moves = movesOf(document, choose);
      const to = (device: number) => moves[device];

      const { occurrences } = accepted(() => format.read(document.text));
      expect(occurrences.map(({ start, end, address, owners }) => ({ start, end, address, owners: owners.toSorted() }))).toEqual(
        spans.map(({ start, end, address, owners }) => ({ start, end, address, owners: [...owners].toSorted() })),
      );

      const moved = accepted(() => format.rewrite(document.text, byOwner(spans, to)));
      expect(moved.text).toBe(replaced(used, to));
      expect(moved.edits.length).toBe(spans.filter((span) => (to(span.device) ?? span.address) !== span.address).length);
      expect(withoutAddresses(moved.text)).toEqual(withoutAddresses(document.text));

      const again = accepted(() => format.rewrite(moved.text, byOwner(spans, to)));
      expect(again.edits).toEqual([]);
      expect(again.text).toBe(moved.text);

      const back = accepted(() =>
        format.rewrite(
          moved.text,
          byOwner(spans, (device) => document.addresses[device]),
        ),
      );
      expect(back.text).toBe(document.text);
    }),
    { numRuns: DOCUMENTS, seed: 20_261_120 },
  );
  for (const [form, count] of counts) expect.soft(count / generated, `share of documents with ${form}`).toBeGreaterThanOrEqual(0.05);
});

afterAll(() => {
  const lines = [...counts].map(
    ([form, count]) => `${form.padEnd(22)} ${String(count).padStart(6)}  ${((100 * count) / Math.max(1, generated)).toFixed(1)} %`,
  );
  console.log([`${generated} documents`, ...lines].join("\n"));
});
