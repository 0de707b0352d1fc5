import type { Mutant } from "./harness.ts";

export const mutants: readonly Mutant[] = [];
