import fc from "fast-check";
import { expect, it } from "vitest";
import { EVENTS, histories } from "./lan-history/history.ts";
import { Tally } from "./lan-history/laws.ts";
import { live } from "./lan-history/life.ts";

const RUNS = Number(process.env["LAN_HISTORIES"] ?? (process.env["MUTANT"] === undefined ? 10_000 : 600));

it(`${RUNS} histories of a LAN: no wrong switch, no lost camera, no credential to a stranger`, { timeout: 300_000 }, async () => {
  const tally = new Tally();
  await fc.assert(
    fc.asyncProperty(histories, (history) => live(history, tally)),
    { numRuns: RUNS, endOnFailure: process.env["MUTANT"] !== undefined },
  );
  console.log(tally.lines().join("\n"));
  for (const kind of EVENTS) expect(tally.get(`form: ${kind}`), kind).toBeGreaterThan(RUNS / 20);
});
