import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { milliseconds, seconds } from "../../src/domain/duration.ts";
import { Alarm } from "../../src/runtime/alarm.ts";
import { failureOf } from "../fakes/failure-of.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

test("wakes after its span, or when rung, and leaves neither timer nor listener behind", async () => {
  const clock = new FakeClock();
  const alarm = new Alarm();
  const stop = new AbortController();
  alarm.ring();
  const woken: number[] = [];
  for (const rungAfter of [Infinity, 3000]) {
    const sleep = alarm.sleep(clock, "nap", seconds(10), stop.signal).then(() => woken.push(clock.monotonic()));
    expect(clock.pending()).toMatchObject([{ name: "nap" }]);
    await clock.advance(milliseconds(Math.min(10_000, rungAfter)));
    if (rungAfter < Infinity) alarm.ring();
    await sleep;
    expect(clock.pending()).toEqual([]);
    expect(getEventListeners(stop.signal, "abort")).toEqual([]);
  }
  expect(woken).toEqual([10_000, 13_000]);
});

test("an abort wins over a ring", async () => {
  const clock = new FakeClock();
  const alarm = new Alarm();
  const stop = new AbortController();
  const sleep = failureOf(alarm.sleep(clock, "nap", milliseconds(Infinity), stop.signal));
  alarm.ring();
  stop.abort(new Error("bye"));
  expect(await sleep).toMatchObject({ message: "bye" });
  await expect(alarm.sleep(clock, "nap", seconds(1), stop.signal)).rejects.toThrow("bye");
});
