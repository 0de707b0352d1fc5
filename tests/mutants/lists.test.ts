import { join } from "node:path";
import { expect, it } from "vitest";
import { mutants as adoption } from "./adoption.ts";
import { mutants as guards } from "./guards.ts";
import { wrongWith } from "./harness.ts";
import { mutants as splicer } from "./splicer.ts";
import { mutants as verifier } from "./verifier.ts";

const root = join(import.meta.dirname, "../..");

// Told apart from the trial itself, which takes minutes: a changed line of the source is seen at once, by the name of its mutant.
it.for([...adoption, ...guards, ...splicer, ...verifier])('the mutant "$name" fits the source', async (mutant) =>
  expect(await wrongWith(root, mutant)).toEqual([]),
);
