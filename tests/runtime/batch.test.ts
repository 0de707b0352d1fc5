import { expect, test } from "vitest";
import { milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import { Batch } from "../../src/runtime/batch.ts";
import { LimitReached } from "../../src/runtime/limit-reached.ts";
import { failureOf } from "../fakes/failure-of.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

function setUp(limit = 100) {
  const clock = new FakeClock();
  const batch = new Batch<string>({ clock, name: "documents", quiet: seconds(20), most: minutes(2), limit });
  const stop = new AbortController();
  const taken: { at: number; items: readonly string[] }[] = [];
  const read = async (): Promise<void> => {
    const items = await batch.next(stop.signal);
    taken.push({ at: clock.monotonic(), items });
  };
  return { clock, batch, stop, taken, read };
}

test("a burst is one batch, complete when it was quiet for long enough", async () => {
  const { clock, batch, taken, read } = setUp();
  const reading = read();
  for (const item of ["a", "b", "a"]) {
    await clock.advance(seconds(10));
    batch.add(item);
  }
  await clock.advanceUntilIdle(minutes(5));
  await reading;
  expect(taken).toEqual([{ at: 50_000, items: ["a", "b"] }]);
  expect(batch.size).toBe(0);
});

test("items that never stop coming are taken at the latest after the longest wait of the first", async () => {
  const { clock, batch, taken, read } = setUp();
  const reading = read();
  batch.add("first");
  for (let count = 1; count <= 30; count += 1) {
    await clock.advance(seconds(5));
    if (taken.length === 0) batch.add(`more ${count % 3}`);
  }
  await reading;
  expect(taken[0]?.at).toBe(120_000);
});

test("what came before anybody read counts from when it came", async () => {
  const { clock, batch, taken, read } = setUp();
  batch.add("early");
  await clock.advance(seconds(60));
  await read();
  expect(taken).toEqual([{ at: 60_000, items: ["early"] }]);
});

test("a full batch is complete at once and refuses more until it is taken", async () => {
  const { clock, batch, taken, read } = setUp(2);
  const reading = read();
  await clock.advance(milliseconds(1));
  batch.add("a");
  batch.add("b");
  expect(() => batch.add("c")).toThrow(LimitReached);
  batch.add("a");
  await reading;
  expect(taken).toEqual([{ at: 1, items: ["a", "b"] }]);
  batch.add("c");
  expect(batch.size).toBe(1);
});

test("an abort leaves no timer and loses nothing", async () => {
  const { clock, batch, stop, read } = setUp();
  batch.add("kept");
  const failure = failureOf(read());
  await clock.advance(seconds(1));
  stop.abort(new Error("bye"));
  expect(await failure).toMatchObject({ message: "bye" });
  expect(clock.pending()).toEqual([]);
  expect(batch.size).toBe(1);
});
