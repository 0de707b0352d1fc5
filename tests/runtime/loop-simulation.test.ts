import { describe, expect, test } from "vitest";
import { hours, milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import { Stalled, Waiting } from "../../src/runtime/outcome.ts";
import { BACKOFF, DAY, loopWorld } from "./loop-world.ts";
import type { Behaviour } from "./loop-world.ts";
import { seededRandom } from "../fakes/seeded-random.ts";

/** Cameras of a large site: most passes succeed, some fail for now, few wait, hardly any needs a person. */
function mixedFortunes(seed: number): Behaviour {
  const random = seededRandom(seed);
  return async (_key, signal, clock) => {
    await clock.wait("pass", milliseconds(Math.floor(random() * 2000)), signal);
    const fortune = random();
    if (fortune < 0.1) throw new Error("connection refused");
    if (fortune < 0.15) throw new Waiting("Searching", minutes(10), "asking");
    if (fortune < 0.152) throw new Stalled("LoginRefused", "wrong password");
    return { requeueAfter: milliseconds(hours(3) + Math.floor(random() * hours(3))) };
  };
}

async function week(seed: number, keys: number, days: number) {
  const random = seededRandom(seed + 1);
  const world = loopWorld(mixedFortunes(seed), { random, concurrency: 4 });
  const run = world.running();
  for (let count = 0; count < keys; count += 1) world.loop.enqueue(`camera-${count}`, milliseconds(Math.floor(random() * hours(1))));
  let signals = 0;
  for (let hour = 0; hour < days * 24; hour += 1) {
    await world.clock.advance(hours(1));
    for (let count = 0; count < keys / 100; count += 1) {
      world.loop.enqueue(`camera-${Math.floor(random() * keys)}`);
      signals += 1;
    }
  }
  return { world, run, signals };
}

describe("a week in the life of a loop", () => {
  test(
    "1,000 keys, four at once, seven days: nobody is forgotten, nobody runs twice at once, nothing is left behind",
    { timeout: 60_000 },
    async () => {
      const { world, run, signals } = await week(7, 1000, 7);
      expect(signals).toBe(1680);
      expect(world.clock.monotonic()).toBe(7 * DAY);
      expect(world.peak.oneKey).toBe(1);
      expect(world.peak.all).toBe(4);
      expect(world.passes.length).toBeGreaterThan(30_000);

      const now = world.clock.monotonic();
      const lastStart = new Map<string, number>();
      for (const pass of world.passes) lastStart.set(pass.key, pass.start);
      const states = world.loop.keys();
      expect(states).toHaveLength(1000);
      const neglected = states.filter(
        ({ key, state }) => state !== "stalled" && now - (lastStart.get(key) ?? -Infinity) > hours(6) + minutes(10),
      );
      expect(neglected).toEqual([]);
      const stalled = states.filter(({ state }) => state === "stalled");
      for (const { key, dueIn } of stalled) {
        expect(dueIn).toBeUndefined();
        expect(world.status.get(`device/${key}`)).toMatchObject({ status: "problem", reason: "LoginRefused" });
      }
      expect(stalled.length).toBeGreaterThan(0);
      await world.clock.settle();
      const timers = world.clock.pending().filter((timer) => timer.name !== "pass");
      expect(timers.map((timer) => timer.name)).toEqual(["loop test"]);

      world.stop.abort();
      await run;
      expect(world.clock.pending()).toEqual([]);
      expect(world.active.size).toBe(0);
    },
  );

  test("is the same week again from the same seed, and another from another", async () => {
    const history = async (seed: number): Promise<string> => {
      const { world, run } = await week(seed, 20, 2);
      world.stop.abort();
      await run;
      return JSON.stringify(world.passes);
    };
    const first = await history(3);
    expect(await history(3)).toBe(first);
    expect(await history(4)).not.toBe(first);
  });

  test("an outage of a day: the camera is tried no more often than every few minutes, and healed within the longest delay", async () => {
    const random = seededRandom(11);
    const outage = { until: DAY };
    const world = loopWorld(
      async (_key, signal, clock) => {
        await clock.wait("connect", seconds(3), signal);
        if (clock.monotonic() < outage.until) throw new Error("no route to host");
        return { requeueAfter: minutes(30) };
      },
      { random },
    );
    const run = world.running();
    world.loop.enqueue("front");
    await world.clock.advance(milliseconds(2 * DAY));
    const starts = world.starts();
    const tries = starts.filter((start) => start < DAY);
    const slowest = BACKOFF.max * (1 - BACKOFF.jitter);
    expect(tries.length).toBeLessThan(DAY / slowest + 12);
    expect(tries.length).toBeGreaterThan(DAY / (BACKOFF.max + seconds(3)));
    const late = tries.slice(12).map((start, index) => start - (tries[index + 11] ?? 0));
    expect(Math.min(...late)).toBeGreaterThanOrEqual(slowest + seconds(3));
    expect(Math.max(...late)).toBeLessThanOrEqual(BACKOFF.max + seconds(3));
    const healed = starts.find((start) => start + seconds(3) >= DAY) ?? Infinity;
    expect(healed - DAY).toBeLessThanOrEqual(BACKOFF.max);
    expect(world.status.get("device/front")).toMatchObject({ status: "ok", reason: "Healthy" });
    world.stop.abort();
    await run;
    expect(world.clock.pending()).toEqual([]);
  });

  test("shutdown at any moment of a busy hour leaves nothing running and no timer", async () => {
    for (let moment = 0; moment < 40; moment += 1) {
      const world = loopWorld(mixedFortunes(moment), { random: seededRandom(moment) });
      const run = world.running();
      for (let count = 0; count < 30; count += 1) world.loop.enqueue(`camera-${count}`, seconds(count));
      await world.clock.advance(milliseconds(moment * 997));
      const before = world.status.changes.length;
      world.stop.abort();
      await run;
      expect(world.active.size).toBe(0);
      expect(world.clock.pending()).toEqual([]);
      expect(world.status.changes).toHaveLength(before);
    }
  });
});
