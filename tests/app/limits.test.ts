import { expect, it } from "vitest";
import { limitsOf } from "../../src/app/limits.ts";
import { Options } from "../../src/config/options.ts";
import { DEFAULT_LIMITS } from "../../src/reconcilers/engine-limits.ts";

it("without options the bounds are those that everything is tried with", () => {
  expect(limitsOf({ limits: Options.shape.limits.parse(undefined) })).toEqual(DEFAULT_LIMITS);
});
