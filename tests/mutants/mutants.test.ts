import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { formatVerdicts, type Mutant, runMutants, type Verdict } from "./harness.ts";
import { mutants as adoption } from "./adoption.ts";
import { mutants as guards } from "./guards.ts";
import { mutants as splicer } from "./splicer.ts";
import { mutants as verifier } from "./verifier.ts";

const root = join(import.meta.dirname, "../..");
const FEWEST = 10;
const AREAS: readonly (readonly [string, readonly Mutant[]])[] = [
  ["adoption", adoption],
  ["guards", guards],
  ["splicer", splicer],
  ["verifier", verifier],
];

describe.for(AREAS)("mutants of the %s", ([, mutants]) => {
  let verdicts: readonly Verdict[] = [];

  beforeAll(async () => {
    if (mutants.length === 0) return;
    verdicts = await runMutants(root, mutants);
    console.log(formatVerdicts(verdicts));
  }, 1_200_000);

  it(`are at least ${FEWEST}`, () => expect(mutants.length).toBeGreaterThanOrEqual(FEWEST));

  it.for(mutants)("$name dies by a failed assertion", (mutant) => {
    expect(verdicts.find((verdict) => verdict.mutant === mutant)).toMatchObject({ outcome: "killed" });
  });
});
