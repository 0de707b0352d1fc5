import { describe, expect, test } from "vitest";
import { hours, milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import { LimitReached } from "../../src/runtime/limit-reached.ts";
import { LoopMisused } from "../../src/runtime/loop.ts";
import { Stalled, Waiting } from "../../src/runtime/outcome.ts";
import { settledTogether } from "../../src/runtime/settled.ts";
import { failureOf } from "../fakes/failure-of.ts";
import { loopWorld, taking } from "./loop-world.ts";

describe("queue", () => {
  test("any number of signals before a pass make one pass, and one during it makes one more right after it", async () => {
    const world = loopWorld(taking(seconds(10)));
    const run = world.running();
    for (let count = 0; count < 50; count += 1) world.loop.enqueue("front");
    await world.clock.advance(seconds(3));
    expect(world.state("front")).toMatchObject({ state: "running", runningFor: 3000 });
    for (let count = 0; count < 50; count += 1) world.loop.enqueue("front");
    await world.clock.advance(hours(1));
    expect(world.starts()).toEqual([0, 10_000]);
    expect(world.peak.oneKey).toBe(1);
    world.stop.abort();
    await run;
  });

  test("the earliest time asked for counts, in whatever order it was asked", async () => {
    const world = loopWorld(taking(milliseconds(0)));
    const run = world.running();
    world.loop.enqueue("a", seconds(30));
    world.loop.enqueue("a", seconds(10));
    world.loop.enqueue("a", seconds(20));
    expect(world.state("a")).toMatchObject({ state: "queued", dueIn: 10_000 });
    await world.clock.advance(hours(1));
    expect(world.starts()).toEqual([10_000]);
    world.stop.abort();
    await run;
  });

  test("a delayed signal during a pass keeps its delay, an infinite one plans nothing", async () => {
    const world = loopWorld(taking(seconds(2)));
    const run = world.running();
    world.loop.enqueue("a");
    await world.clock.advance(seconds(1));
    world.loop.enqueue("a", seconds(30));
    world.loop.enqueue("b", milliseconds(Infinity));
    await world.clock.advance(hours(1));
    expect(world.starts()).toEqual([0, 31_000]);
    expect(world.state("b")?.state).toBe("idle");
    world.stop.abort();
    await run;
  });

  test("runs at most `concurrency` passes at once, first come first served", async () => {
    const world = loopWorld(taking(seconds(1)), { concurrency: 2 });
    for (const key of ["a", "b", "c", "d", "e"]) world.loop.enqueue(key);
    const run = world.running();
    await world.clock.advance(minutes(1));
    expect(world.passes.map(({ key, start }) => [key, start])).toEqual([
      ["a", 0],
      ["b", 0],
      ["c", 1000],
      ["d", 1000],
      ["e", 2000],
    ]);
    expect(world.peak.all).toBe(2);
    world.stop.abort();
    await run;
  });

  test("refuses a key beyond its limit, by name and number, and takes it again once another was forgotten", () => {
    const world = loopWorld(taking(seconds(1)), { limit: 2 });
    world.loop.enqueue("a");
    world.loop.enqueue("b");
    expect(() => world.loop.enqueue("c")).toThrow(LimitReached);
    expect(() => world.loop.enqueue("c")).toThrow("loop test holds 2 already");
    world.loop.enqueue("a");
    world.loop.forget("a");
    world.loop.enqueue("c");
    expect(world.loop.keys().map((state) => state.key)).toEqual(["b", "c"]);
  });
});

describe("outcomes", () => {
  test("a success may ask to look again later; one that asks at once still lets others run", async () => {
    const world = loopWorld(async () => ({ requeueAfter: minutes(1) }));
    const run = world.running();
    world.loop.enqueue("a");
    await world.clock.advance(minutes(5));
    expect(world.starts()).toEqual([0, 60_000, 120_000, 180_000, 240_000, 300_000]);
    expect(world.state("a")).toMatchObject({ state: "waiting", dueIn: 60_000, attempts: 0, last: { kind: "done" } });
    world.stop.abort();
    await run;

    const eager = loopWorld(async () => ({ requeueAfter: milliseconds(0) }));
    const eagerRun = eager.running();
    eager.loop.enqueue("a");
    await eager.clock.advance(milliseconds(10));
    expect(eager.starts()).toHaveLength(11);
    eager.stop.abort();
    await eagerRun;
  });

  test("Waiting is run again after its time, without backoff however often", async () => {
    const world = loopWorld(async () => {
      throw new Waiting("Searching", seconds(30), "asking the network");
    });
    const run = world.running();
    world.loop.enqueue("a");
    await world.clock.advance(minutes(10));
    expect(world.starts()).toHaveLength(21);
    expect(world.state("a")).toMatchObject({ state: "waiting", attempts: 0, last: { kind: "waiting", reason: "Searching" } });
    expect(world.status.changes).toHaveLength(1);
    world.stop.abort();
    await run;
  });

  test("Stalled is not retried until the key is enqueued, then at once; a success withdraws it", async () => {
    let stalled = true;
    const world = loopWorld(async () => {
      if (stalled) throw new Stalled("LoginRefused", "wrong password");
      return {};
    });
    const run = world.running();
    world.loop.enqueue("a");
    await world.clock.advance(hours(24 * 30));
    expect(world.starts()).toEqual([0]);
    expect(world.state("a")).toMatchObject({ state: "stalled", last: { reason: "LoginRefused" } });
    expect(world.state("a")?.dueIn).toBeUndefined();
    expect(world.status.get("device/a")).toMatchObject({ status: "problem", reason: "LoginRefused" });
    const woken = world.clock.monotonic();
    stalled = false;
    world.loop.enqueue("a");
    await world.clock.settle();
    expect(world.starts()).toEqual([0, woken]);
    expect(world.status.get("device/a")).toMatchObject({ status: "ok", reason: "Healthy" });
    expect(world.state("a")?.state).toBe("idle");
    world.stop.abort();
    await run;
  });

  test("a failure backs off, doubling to the longest delay; a success starts anew", async () => {
    let fails = true;
    const world = loopWorld(async () => {
      if (fails) throw new Error("connection refused");
      return {};
    });
    const run = world.running();
    world.loop.enqueue("a");
    await world.clock.advance(hours(1));
    const starts = world.starts();
    const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
    expect(gaps.slice(0, 11)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((count) => count * 1000));
    expect(world.state("a")).toMatchObject({ state: "backing-off", attempts: starts.length });
    expect(world.log.messages("error")).toEqual(["unexpected error"]);
    fails = false;
    world.loop.enqueue("a");
    await world.clock.settle();
    expect(world.state("a")).toMatchObject({ state: "idle", attempts: 0 });
    fails = true;
    world.loop.enqueue("a");
    await world.clock.settle();
    expect(world.state("a")).toMatchObject({ state: "backing-off", dueIn: 1000, attempts: 1 });
    world.stop.abort();
    await run;
  });

  test("jitter keeps keys that failed together from returning together, within its bounds", async () => {
    let chance = 0;
    const world = loopWorld(() => Promise.reject(new Error("no")), { concurrency: 100, random: () => (chance = (chance + 0.01) % 1) });
    const run = world.running();
    for (let count = 0; count < 50; count += 1) world.loop.enqueue(`k${count}`);
    await world.clock.settle();
    const delays = world.loop.keys().map((state) => Number(state.dueIn));
    expect(new Set(delays).size).toBe(50);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(750);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1000);
    world.stop.abort();
    await run;
  });

  test("a key that backs off runs at once when enqueued, and goes on backing off from where it was", async () => {
    const world = loopWorld(() => Promise.reject(new Error("no")));
    const run = world.running();
    world.loop.enqueue("a");
    await world.clock.advance(seconds(40));
    expect(world.starts()).toEqual([0, 1000, 3000, 7000, 15_000, 31_000]);
    world.loop.enqueue("a");
    await world.clock.settle();
    expect(world.starts().at(-1)).toBe(40_000);
    expect(world.state("a")).toMatchObject({ attempts: 7, dueIn: 64_000 });
    world.stop.abort();
    await run;
  });

  test("one that stalls while it is dirty is looked at again", async () => {
    const world = loopWorld(async (_key, signal, clock) => {
      await clock.wait("pass", seconds(5), signal);
      throw new Stalled("DocumentUnreadable", "line 3");
    });
    const run = world.running();
    world.loop.enqueue("a");
    await world.clock.advance(seconds(1));
    world.loop.enqueue("a");
    await world.clock.advance(hours(1));
    expect(world.starts()).toEqual([0, 5000]);
    expect(world.state("a")?.state).toBe("stalled");
    world.stop.abort();
    await run;
  });
});

describe("forget", () => {
  test("aborts a running pass, ignores its end and removes timer and condition", async () => {
    let reason: unknown;
    const world = loopWorld(async (_key, signal, clock) => {
      try {
        await clock.wait("pass", seconds(10), signal);
      } finally {
        reason = signal.reason;
      }
      return {};
    });
    world.status.set("device/a", "problem", "StreamDead", "dead");
    const run = world.running();
    world.loop.enqueue("a");
    await world.clock.advance(seconds(1));
    world.loop.forget("a");
    expect(world.loop.keys()).toEqual([]);
    await world.clock.settle();
    expect(reason).toMatchObject({ name: "AbortError" });
    expect(world.passes[0]?.end).toBe(1000);
    expect(world.status.all()).toEqual([]);
    expect(world.log.lines).toEqual([]);
    await world.clock.advance(hours(1));
    expect(world.starts()).toEqual([0]);
    world.stop.abort();
    await run;
  });

  test("forgotten and enqueued again during a pass, it begins anew after that pass has ended", async () => {
    const world = loopWorld(async (_key, _signal, clock) => {
      await clock.wait("stubborn", seconds(10), new AbortController().signal);
      throw new Error("never mind");
    });
    const run = world.running();
    world.loop.enqueue("a");
    await world.clock.advance(seconds(1));
    world.loop.forget("a");
    world.loop.enqueue("a");
    expect(world.state("a")).toMatchObject({ state: "queued", attempts: 0 });
    await world.clock.advance(seconds(9));
    expect(world.starts()).toEqual([0, 10_000]);
    expect(world.peak.oneKey).toBe(1);
    await world.clock.advance(seconds(10));
    expect(world.state("a")).toMatchObject({ state: "backing-off", attempts: 1 });
    world.stop.abort();
    await world.clock.advanceUntilIdle(minutes(1));
    await run;
  });

  test("a key that waits loses its timer", async () => {
    const world = loopWorld(async () => ({ requeueAfter: minutes(1) }));
    const run = world.running();
    world.loop.enqueue("a");
    await world.clock.settle();
    world.loop.forget("a");
    world.loop.forget("never known");
    await world.clock.advance(hours(1));
    expect(world.starts()).toEqual([0]);
    world.stop.abort();
    await run;
  });
});

describe("shutdown", () => {
  test("aborts what runs, waits for its end and counts none of it as a failure", async () => {
    const world = loopWorld(async (_key, signal, clock) => {
      await clock.wait("pass", hours(1), signal).catch(() => undefined);
      await clock.wait("tidy up", seconds(2), new AbortController().signal);
      throw new Error("aborted in the middle");
    });
    const run = world.running();
    let ended = false;
    const watched = run.then(() => (ended = true));
    for (const key of ["a", "b", "c", "d", "e", "f"]) world.loop.enqueue(key);
    await world.clock.advance(seconds(5));
    world.stop.abort(new Error("SIGTERM"));
    await world.clock.advance(seconds(1));
    expect(ended).toBe(false);
    await world.clock.advance(seconds(1));
    await watched;
    expect(world.passes.map((pass) => pass.end)).toEqual([7000, 7000, 7000, 7000]);
    expect(world.status.changes).toEqual([]);
    expect(world.log.lines).toEqual([]);
    expect(world.clock.pending()).toEqual([]);
    world.loop.enqueue("late");
    await world.clock.advance(hours(1));
    expect(world.passes).toHaveLength(4);
  });

  test("before it began: run resolves at once and runs nothing", async () => {
    const world = loopWorld(taking(seconds(1)));
    world.loop.enqueue("a");
    world.stop.abort();
    await world.running();
    expect(world.passes).toEqual([]);
  });

  test("a loop runs once", async () => {
    const world = loopWorld(taking(seconds(1)));
    const run = world.running();
    await expect(world.running()).rejects.toThrow(LoopMisused);
    world.stop.abort();
    await run;
  });
});

describe("settled", () => {
  const never = new AbortController().signal;

  test("resolves once nothing is queued, running or dirty, whatever is planned for later", async () => {
    const world = loopWorld(async (key, signal, clock) => {
      await clock.wait("pass", seconds(1), signal);
      if (key === "fails") throw new Error("no");
      if (key === "waits") throw new Waiting("Searching", minutes(1), "asking");
      return { requeueAfter: hours(1) };
    });
    await world.loop.settled(never);
    const run = world.running();
    for (const key of ["fine", "fails", "waits"]) world.loop.enqueue(key);
    world.loop.enqueue("later", seconds(20));
    let at = -1;
    const settled = world.loop.settled(never).then(() => (at = world.clock.monotonic()));
    await world.clock.advance(seconds(0.5));
    world.loop.enqueue("fine");
    await world.clock.advance(minutes(1));
    await settled;
    expect(at).toBe(21_000);
    const kinds = [...world.loop.results()].map(([key, result]) => [key, result.kind]);
    expect(kinds).toEqual([
      ["fine", "done"],
      ["fails", "failed"],
      ["waits", "waiting"],
      ["later", "done"],
    ]);
    world.stop.abort();
    await run;
  });

  test("ends with the signal's reason, and with an AbortError where the loop ends first", async () => {
    const world = loopWorld(taking(hours(1)));
    const run = world.running();
    for (const key of ["a", "b", "c", "d", "e"]) world.loop.enqueue(key);
    const deadline = world.clock.deadline("settling", seconds(5), never);
    const timedOut = failureOf(world.loop.settled(deadline));
    const cut = failureOf(world.loop.settled(never));
    await world.clock.advance(seconds(5));
    expect(await timedOut).toMatchObject({ name: "TimeoutError" });
    world.stop.abort();
    await run;
    expect(await cut).toMatchObject({ name: "AbortError" });
  });

  test("several loops that enqueue one another's keys settle together", async () => {
    const second = loopWorld(taking(seconds(1)));
    const first = loopWorld(async (key, signal, clock) => {
      await clock.wait("pass", seconds(1), signal);
      second.loop.enqueue(key);
      return {};
    });
    const runs = [first.running(), second.running()];
    first.loop.enqueue("a");
    const together = settledTogether([first.loop, second.loop], never);
    await first.clock.advance(seconds(1));
    expect(second.loop.busy()).toBe(true);
    await second.clock.advance(seconds(1));
    await together;
    expect(second.passes).toHaveLength(1);
    first.stop.abort();
    second.stop.abort();
    await Promise.all(runs);
  });
});
