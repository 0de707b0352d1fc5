import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { backoffDelay } from "../../src/runtime/backoff.ts";
import type { BackoffPolicy } from "../../src/runtime/backoff.ts";

const policy: BackoffPolicy = { initial: seconds(1), factor: 2, max: minutes(1), jitter: 0.5 };

describe("backoffDelay", () => {
  test("doubles up to the longest delay when chance takes nothing", () => {
    const delays = [1, 2, 3, 6, 7, 8, 5000].map((attempt) => backoffDelay(policy, attempt, () => 0));
    expect(delays).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("lies between the base without its jitter and the base", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, chance) => {
        const base = backoffDelay({ ...policy, jitter: 0 }, attempt, () => 0);
        const delay = backoffDelay(policy, attempt, () => chance);
        expect(delay).toBeLessThanOrEqual(base);
        expect(delay).toBeGreaterThan(base * 0.5 - 1e-9);
      }),
    );
  });
});
