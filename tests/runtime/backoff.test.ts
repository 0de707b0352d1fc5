import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import { backoffDelay, backoffSchedule, DEFAULT_BACKOFF, retry } from "../../src/runtime/backoff.ts";
import type { BackoffPolicy } from "../../src/runtime/backoff.ts";
import { failureOf } from "../fakes/failure-of.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

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

  test("the schedule is the same function, attempt by attempt", () => {
    const schedule = backoffSchedule(DEFAULT_BACKOFF, () => 0.5);
    const first = Array.from({ length: 12 }, () => schedule.next().value);
    expect(first).toEqual(first.map((_, index) => backoffDelay(DEFAULT_BACKOFF, index + 1, () => 0.5)));
    expect(Math.max(...first)).toBeLessThanOrEqual(DEFAULT_BACKOFF.max);
  });
});

describe("retry", () => {
  const options = (clock: FakeClock, attempts: number) => ({ clock, random: () => 0, policy, attempts });
  const never = new AbortController().signal;

  test("waits by the policy between tries and gives the first success", async () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const work = retry(
      "greeting",
      async () => {
        at.push(clock.monotonic());
        await Promise.resolve();
        if (at.length < 4) throw new Error("not yet");
        return "there";
      },
      options(clock, 9),
      never,
    );
    await clock.advanceUntilIdle(minutes(1));
    await expect(work).resolves.toBe("there");
    expect(at).toEqual([0, 1000, 3000, 7000]);
  });

  test("gives up after its attempts with the last failure", async () => {
    const clock = new FakeClock();
    let tries = 0;
    const work = retry("x", () => Promise.reject(new Error(`try ${(tries += 1)}`)), options(clock, 3), never);
    const failure = failureOf(work);
    await clock.advanceUntilIdle(minutes(5));
    expect(await failure).toMatchObject({ message: "try 3" });
    expect(clock.pending()).toEqual([]);
  });

  test("does not repeat what cannot be cured", async () => {
    const clock = new FakeClock();
    let tries = 0;
    const attempt = () => {
      tries += 1;
      return Promise.reject(new Error("wrong password"));
    };
    await expect(retry("x", attempt, { ...options(clock, 9), retryable: () => false }, never)).rejects.toThrow("wrong password");
    expect(tries).toBe(1);
  });

  test("an abort ends the pause at once, with the signal's reason", async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const work = retry("x", () => Promise.reject(new Error("no")), options(clock, 9), stop.signal);
    const failure = failureOf(work);
    await clock.advance(milliseconds(500));
    expect(clock.pending().map((timer) => timer.name)).toEqual(["retry x"]);
    stop.abort(new Error("enough"));
    expect(await failure).toMatchObject({ message: "enough" });
    expect(clock.pending()).toEqual([]);
  });
});
