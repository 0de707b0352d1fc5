import { expect, it } from "vitest";
import { type Duration, seconds } from "../../src/domain/duration.ts";
import { nextRate, steadyCount, type SteadyRate } from "../../src/domain/steady-rate.ts";

/** What is shown after each of the looks: bytes at a time in seconds. */
function shown(...looks: readonly (readonly [at: number, bytes: number])[]): readonly (number | undefined)[] {
  let rate: SteadyRate | undefined;
  return looks.map(([at, bytes]) => {
    rate = nextRate(rate, bytes, seconds(at) satisfies Duration);
    return rate.shown;
  });
}

it("a rate is a mean over ten seconds, in kbit/s", () => {
  expect(shown([0, 5_000_000], [2, 5_400_000], [10, 7_500_000])).toEqual([undefined, undefined, 2000]);
});

it("only a change that matters is shown, and not within a minute", () => {
  // 2000 kbit/s, then a little more, then half as much: within the minute, and after it.
  expect(shown([0, 0], [10, 2_500_000], [80, 22_000_000], [90, 23_250_000], [100, 24_500_000])).toEqual([
    undefined,
    2000,
    2000,
    1000,
    1000,
  ]);
  expect(shown([0, 0], [10, 2_500_000], [20, 2_600_000], [60, 2_700_000], [72, 2_700_000])).toEqual([undefined, 2000, 2000, 2000, 0]);
});

it("another connection counts from its own beginning", () => {
  expect(shown([0, 9_000_000], [10, 100_000], [20, 2_600_000])).toEqual([undefined, undefined, 2000]);
});

it("a count in whole numbers does not flicker", () => {
  expect([4.9, 5.1, 5.6, 5.9, 6.1, 3].reduce<number[]>((all, one) => [...all, steadyCount(all.at(-1), one)], [])).toEqual([
    5, 5, 5, 5, 6, 3,
  ]);
});
