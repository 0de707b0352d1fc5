import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { milliseconds } from "../../src/domain/duration.ts";
import type { Duration } from "../../src/domain/duration.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { failureOf } from "../fakes/failure-of.ts";

/** A clock and how its time is made to pass; the real one passes by itself. */
export interface ClockSubject {
  readonly clock: Clock;
  /** Lets at least so much time pass. */
  readonly pass: (span: Duration) => Promise<void>;
  /** Names of the waits under way. */
  readonly waits: () => readonly string[];
}

/** What every clock promises. Spans are tiny and only the order is asserted. */
export function clockContract(name: string, create: () => ClockSubject): void {
  describe(`${name} as a clock`, () => {
    test("time goes on by what passes, on both scales", async () => {
      const { clock, pass } = create();
      const [monotonic, now] = [clock.monotonic(), clock.now()];
      await pass(milliseconds(20));
      expect(clock.monotonic() - monotonic).toBeGreaterThanOrEqual(20);
      expect(clock.now()).toBeGreaterThan(now);
    });

    test("waits end in the order of their spans, and never early", async () => {
      const { clock, pass } = create();
      const signal = new AbortController().signal;
      const start = clock.monotonic();
      const ends: [string, boolean][] = [];
      const waits = [30, 1, 15, 0, -5].map(async (span) => {
        await clock.wait(`w${span}`, milliseconds(span), signal);
        ends.push([`w${span}`, clock.monotonic() - start >= span]);
      });
      await pass(milliseconds(60));
      await Promise.all(waits);
      expect(ends.slice(-2)).toEqual([
        ["w15", true],
        ["w30", true],
      ]);
      expect(ends.every(([, late]) => late)).toBe(true);
    });

    test("an infinite wait is legal, named while it lasts, and ends by abort with the signal's reason", async () => {
      const { clock, pass, waits } = create();
      const stop = new AbortController();
      const failure = failureOf(clock.wait("for ever", milliseconds(Infinity), stop.signal));
      await pass(milliseconds(5));
      expect(waits()).toEqual(["for ever"]);
      const reason = new Error("enough");
      stop.abort(reason);
      expect(await failure).toBe(reason);
      expect(waits()).toEqual([]);
    });

    test("a wait of months neither ends at once nor outlives its abort", async () => {
      const { clock, pass, waits } = create();
      const stop = new AbortController();
      const failure = failureOf(clock.wait("months", milliseconds(2 ** 31 + 5), stop.signal));
      await pass(milliseconds(10));
      expect(waits()).toEqual(["months"]);
      stop.abort(new Error("stop"));
      expect(await failure).toMatchObject({ message: "stop" });
    });

    test("a signal that was aborted before fails the wait at once", async () => {
      const { clock, waits } = create();
      await expect(clock.wait("late", milliseconds(1), AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
      expect(waits()).toEqual([]);
    });

    test("neither waits nor deadlines leave listeners on the signal once they are over", async () => {
      const { clock, pass } = create();
      const stop = new AbortController();
      const waits = [1, 2, 3].map((span) => clock.wait("short", milliseconds(span), stop.signal));
      const deadlines = [1, 2, 3].map((span) => clock.deadline("short", milliseconds(span), stop.signal));
      await pass(milliseconds(30));
      await Promise.all(waits);
      expect(deadlines.every((deadline) => deadline.aborted)).toBe(true);
      expect(getEventListeners(stop.signal, "abort")).toEqual([]);
    });

    test("a deadline aborts after its span with a TimeoutError that names it", async () => {
      const { clock, pass } = create();
      const deadline = clock.deadline("the proof", milliseconds(5), new AbortController().signal);
      expect(deadline.aborted).toBe(false);
      await pass(milliseconds(30));
      expect(deadline.aborted).toBe(true);
      expect(deadline.reason).toMatchObject({ name: "TimeoutError", message: "the proof took too long" });
    });

    test("a deadline follows its signal, with its reason, and an infinite one only that", () => {
      const { clock } = create();
      const stop = new AbortController();
      const deadlines = [60_000, 2 ** 33, Infinity].map((span) => clock.deadline("d", milliseconds(span), stop.signal));
      expect(deadlines.some((deadline) => deadline.aborted)).toBe(false);
      const reason = new Error("shutdown");
      stop.abort(reason);
      expect(deadlines.map((deadline): unknown => deadline.reason)).toEqual([reason, reason, reason]);
      expect(clock.deadline("d", milliseconds(1), stop.signal).reason).toBe(reason);
    });

    test("what is not a number is refused", async () => {
      const { clock } = create();
      const signal = new AbortController().signal;
      await expect(clock.wait("nan", milliseconds(Number.NaN), signal)).rejects.toThrow(RangeError);
      expect(() => clock.deadline("nan", milliseconds(Number.NaN), signal)).toThrow(RangeError);
    });
  });
}
