import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Duration, hours, instant, milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import { DEFAULT_RESTARTS, mayRestart, restartTimes, type RestartQuestion } from "../../src/domain/restart-policy.ts";

const t = milliseconds;
const asked = (more: Partial<RestartQuestion> = {}): RestartQuestion => ({
  firstChange: t(0),
  lastChange: t(0),
  restarts: [],
  unsized: [],
  allowed: true,
  ...more,
});

describe("a restart", () => {
  it("waits until no address changed for twenty seconds", () => {
    expect(mayRestart(asked(), seconds(19))).toEqual({ kind: "wait", why: "quiet", after: seconds(1) });
    expect(mayRestart(asked(), seconds(20))).toEqual({ kind: "now" });
    expect(mayRestart(asked({ lastChange: seconds(15) }), seconds(20))).toEqual({ kind: "wait", why: "quiet", after: seconds(15) });
  });

  it("waits no longer than two minutes from the first change", () => {
    expect(mayRestart(asked({ lastChange: seconds(119) }), seconds(119))).toEqual({ kind: "wait", why: "quiet", after: seconds(1) });
    expect(mayRestart(asked({ lastChange: seconds(119) }), seconds(120))).toEqual({ kind: "now" });
  });

  it("comes ten minutes after the last at the earliest, whatever the order of the record", () => {
    const question = asked({ restarts: [minutes(1), t(0)] });
    expect(mayRestart(question, minutes(10))).toEqual({ kind: "wait", why: "pause", after: minutes(1) });
    expect(mayRestart(question, minutes(11))).toEqual({ kind: "now" });
  });

  it("is the fourth within a day at most", () => {
    const question = asked({ restarts: [t(0), hours(1), hours(2), hours(3)] });
    expect(mayRestart(question, hours(5))).toEqual({ kind: "wait", why: "day", after: hours(19) });
    expect(mayRestart(question, hours(24))).toEqual({ kind: "now" });
    expect(mayRestart(asked({ restarts: [t(0), hours(1), hours(2)] }), hours(5))).toEqual({ kind: "now" });
  });

  it("never comes while a camera without size answers nowhere", () => {
    expect(mayRestart(asked({ unsized: ["yard"] }), hours(9))).toEqual({ kind: "wait", why: "unsized", after: seconds(15) });
  });

  it("is refused where a person does not want it", () => {
    expect(mayRestart(asked({ allowed: false }), hours(1))).toEqual({ kind: "refuse", why: "never" });
    expect(mayRestart(asked(), hours(1), { ...DEFAULT_RESTARTS, aDay: 0 })).toEqual({ kind: "refuse", why: "none-a-day" });
  });

  it("that the wall clock has in the future counts as made now", () => {
    const wall = instant(1_000_000);
    expect(restartTimes([instant(400_000), instant(9_000_000)], wall, t(5000))).toEqual([5000 - 600_000, 5000]);
  });
});

/** What may happen to a home, with how long before it nothing happened. */
type Event = { readonly after: number } & (
  | { readonly kind: "move" | "reload" }
  | { readonly kind: "clock-back"; readonly by: number }
  | { readonly kind: "unsized"; readonly gone: boolean }
);

const gap = fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 0, max: 3_600_000 }), fc.integer({ min: 0, max: 40_000_000 }));
const events: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("move" as const), after: gap }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("reload" as const), after: gap }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("unsized" as const), after: gap, gone: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("clock-back" as const), after: gap, by: fc.integer({ min: 1, max: 200_000_000 }) }),
    },
  ),
  { maxLength: 60 },
);

/** Plays a history with the policy as its reconciler asks it. @returns the true times of the restarts, and of those while a size was unknown */
function play(history: readonly Event[]): { readonly restarts: readonly number[]; readonly wrong: number } {
  const start = 1_800_000_000_000;
  const recorded: number[] = [];
  const restarts: number[] = [];
  let now = 0;
  let behind = 0;
  let begun = 0;
  let known: Duration[] = [];
  let pending: { first: number; last: number } | undefined;
  let gone = false;
  let wrong = 0;
  const monotonic = (): Duration => t(now - begun);
  const passUntil = (end: number): void => {
    while (pending !== undefined) {
      const decision = mayRestart(
        asked({
          firstChange: t(pending.first - begun),
          lastChange: t(pending.last - begun),
          restarts: known,
          unsized: gone ? ["yard"] : [],
        }),
        monotonic(),
      );
      if (decision.kind === "now") {
        restarts.push(now);
        recorded.push(start + now - behind);
        known.push(monotonic());
        if (gone) wrong += 1;
        pending = undefined;
      } else {
        const after = decision.kind === "wait" ? decision.after : 0;
        if (after <= 0) throw new Error(`no wait: ${JSON.stringify(decision)}`);
        // A camera that is gone is asked about every quarter of a minute: nothing changes until the next event.
        if (now + after > end || (decision.kind === "wait" && decision.why === "unsized")) break;
        now += after;
      }
    }
    now = end;
  };
  for (const event of history) {
    passUntil(now + event.after);
    if (event.kind === "move") pending = { first: pending?.first ?? now, last: now };
    else if (event.kind === "unsized") gone = event.gone;
    else if (event.kind === "clock-back") behind += event.by;
    else {
      begun = now;
      known = [...restartTimes(recorded.map(instant), instant(start + now - behind), t(0))];
      if (pending !== undefined) pending = { first: now, last: now };
    }
  }
  gone = false;
  passUntil(now + hours(100));
  return { restarts, wrong };
}

describe("whatever happens to a home", () => {
  it("restarts are ten minutes apart and four a day, over clocks set back and restarts of this program", () => {
    fc.assert(
      fc.property(events, (history) => {
        const { restarts, wrong } = play(history);
        for (const [index, at] of restarts.entries()) {
          expect(at - (restarts[index - 1] ?? -Infinity)).toBeGreaterThanOrEqual(minutes(10));
          expect(at - (restarts[index - 4] ?? -Infinity)).toBeGreaterThanOrEqual(hours(24));
        }
        expect(wrong).toBe(0);
        expect(restarts.length > 0).toBe(history.some(({ kind }) => kind === "move"));
      }),
      { numRuns: 400, seed: 4 },
    );
  });

  it("thirty cameras that move within five minutes cost two restarts at most, ten minutes apart", () => {
    const moves = fc.array(fc.integer({ min: 0, max: 300_000 }), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(moves, (times) => {
        const sorted = times.toSorted((one, other) => one - other);
        const history = sorted.map((at, index): Event => ({ kind: "move", after: at - (sorted[index - 1] ?? 0) }));
        const { restarts } = play(history);
        expect(restarts.length).toBeGreaterThanOrEqual(1);
        expect(restarts.length).toBeLessThanOrEqual(2);
        expect((restarts[1] ?? Infinity) - (restarts[0] ?? 0)).toBeGreaterThanOrEqual(minutes(10));
        // Everything that moved is in use in the end: the last restart comes after the last move.
        expect(restarts.at(-1)).toBeGreaterThanOrEqual(sorted.at(-1) ?? 0);
      }),
      { numRuns: 300, seed: 4 },
    );
  });
});
