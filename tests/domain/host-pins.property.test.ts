import fc from "fast-check";
import { expect, test } from "vitest";
import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import type { Host } from "../../src/domain/host-name.ts";
import { ENVIRONMENT } from "./frigate-documents.ts";
import { randomDocuments } from "./random-documents.ts";

const DOCUMENTS = process.env["MUTANT"] === undefined ? 150 : 50;
const NAME = "gate-7.lan";

test(`${DOCUMENTS} random documents with a host name: only its bytes change, and it comes back`, { timeout: 60_000 }, () => {
  let pinned = 0;
  fc.assert(
    fc.property(randomDocuments(400), ({ document, choose }) => {
      const device = choose(3);
      const { addresses } = document;
      const address = addresses[device % addresses.length];
      const own = document.spans.filter((span) => span.owners.size > 0 && span.address === address);
      const [owner] = own.flatMap((span) => [...span.owners]);
      if (address === undefined || owner === undefined) return;
      let text = "";
      let from = 0;
      const places = new Set<number>();
      for (const { start, end } of own) {
        text += document.text.slice(from, start);
        places.add(text.length);
        text += NAME;
        from = end;
      }
      text += document.text.slice(from);
      const option = { names: [owner.slice(owner.indexOf(":") + 1)], pinnedAt: address };
      const format = frigateDocument({ environment: ENVIRONMENT, cameras: [option] });

      const found = format.read(text).occurrences.filter(({ name }) => name !== undefined);
      for (const { start, end } of found) {
        expect(places).toContain(start);
        expect(text.slice(start, end)).toBe(NAME);
      }
      const rewrite = format.rewrite(text, ({ name }): Host | undefined => (name === undefined ? undefined : address));
      expect(rewrite.edits).toHaveLength(found.length);
      expect(rewrite.text).toBe(found.reduceRight((all, { start, end }) => all.slice(0, start) + address + all.slice(end), text));
      const names = new Map(rewrite.edits.map((edit) => [JSON.stringify(edit.path), edit.from]));
      const back = format.rewrite(rewrite.text, ({ path }) => names.get(JSON.stringify(path)));
      expect(back.text).toBe(text);
      // Unasked, nothing of it is a place.
      const unasked = frigateDocument({ environment: ENVIRONMENT, cameras: [{ names: option.names }] });
      expect(unasked.rewrite(text, ({ name }) => (name === undefined ? undefined : address))).toEqual({ text, edits: [] });
      if (found.length === own.length) pinned += 1;
    }),
    { numRuns: DOCUMENTS, seed: 20_261_127 },
  );
  expect(pinned, "documents in which every place was pinned").toBeGreaterThan(DOCUMENTS / 10);
});
