import { expect, test } from "vitest";
import { hours, milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import { FakeClock } from "./fake-clock.ts";

const never = new AbortController().signal;

test("time stands still until it is advanced, and then every timer fires at its own time", async () => {
  const clock = new FakeClock();
  const seen: [string, number][] = [];
  const nested = async (): Promise<void> => {
    await clock.wait("first", seconds(2), never);
    seen.push(["first", clock.monotonic()]);
    await clock.wait("second", seconds(3), never);
    seen.push(["second", clock.monotonic()]);
  };
  const work = nested();
  await clock.settle();
  expect(seen).toEqual([]);
  await clock.advance(seconds(10));
  await work;
  expect(seen).toEqual([
    ["first", 2000],
    ["second", 5000],
  ]);
  expect(clock.monotonic()).toBe(10_000);
});

test("equal times fire in the order in which they were asked for", async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const waits = ["a", "b", "c"].map(async (name) => {
    await clock.wait(name, seconds(1), never);
    seen.push(name);
  });
  expect(clock.pending().map((timer) => timer.name)).toEqual(["a", "b", "c"]);
  await clock.advance(seconds(1));
  await Promise.all(waits);
  expect(seen).toEqual(["a", "b", "c"]);
});

test("advanceUntilIdle stops at the last timer with an end, and an endless repetition is an error", async () => {
  const clock = new FakeClock();
  const forever = new AbortController();
  const endless = clock.wait("for ever", milliseconds(Infinity), forever.signal).catch(() => "aborted");
  const deadline = clock.deadline("proof", hours(30), never);
  const work = clock.wait("work", hours(20), never);
  await clock.advanceUntilIdle(hours(48));
  await work;
  expect(deadline.aborted).toBe(true);
  expect(clock.monotonic()).toBe(hours(30));
  expect(clock.pending().map((timer) => timer.name)).toEqual(["for ever"]);
  forever.abort();
  await expect(endless).resolves.toBe("aborted");

  const stop = new AbortController();
  const tick = async (): Promise<void> => {
    while (!stop.signal.aborted) await clock.wait("tick", seconds(1), never);
  };
  const ticking = tick();
  await expect(clock.advanceUntilIdle(minutes(1))).rejects.toThrow("still busy after 60000 ms: tick");
  stop.abort();
  await clock.advance(seconds(1));
  await ticking;
});

test("the wall clock may jump without touching a wait", async () => {
  const clock = new FakeClock();
  const before = clock.now();
  let done = false;
  const work = clock.wait("w", seconds(10), never).then(() => (done = true));
  clock.jump(hours(2));
  await clock.advance(seconds(9));
  expect(done).toBe(false);
  expect(clock.now() - before).toBe(hours(2) + 9000);
  await clock.advance(seconds(1));
  await work;
  expect(done).toBe(true);
});

test("two who advance the time at once are told", async () => {
  const clock = new FakeClock();
  const first = clock.advance(seconds(1));
  await expect(clock.advance(seconds(1))).rejects.toThrow("advanced already");
  await first;
});
