import { expect, it } from "vitest";
import { hours } from "../../src/domain/duration.ts";
import { EVENTS, idleWrites, SimulatedWeek, WEEK } from "./simulated-week.ts";

const LONG = process.env["CAMERA_SHEPHERD_LONG"] !== undefined;

/** Numerical Recipes' linear congruential generator: the same events each time. */
function chooser(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

it.each([
  ["frigate", 1, WEEK],
  ["go2rtc", 2, LONG ? WEEK : hours(24)],
  ["frigate", 3, LONG ? WEEK : hours(24)],
  ["go2rtc", 4, LONG ? WEEK : hours(24)],
] as const)(
  "a home of %s's with moves, swaps, outages, strangers, edits and restarts is right after each (seed %i)",
  async (kind, seed, span) => {
    const week = new SimulatedWeek(kind, chooser(seed));
    await week.run(span);
    expect(week.events.size).toBeGreaterThanOrEqual(span === WEEK ? EVENTS.length : 1);
    const starts = (week.events.get("program") ?? 0) + (week.events.get("crash") ?? 0) + 1;
    expect(idleWrites(week)).toBeLessThanOrEqual(week.clock.monotonic() / hours(1) + 2 * starts);
  },
  240_000,
);
