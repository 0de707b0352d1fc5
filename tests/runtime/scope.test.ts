import { expect, test } from "vitest";
import { seconds } from "../../src/domain/duration.ts";
import { Scope, StopTimedOut } from "../../src/runtime/scope.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeLog } from "../fakes/fake-log.ts";

function setUp() {
  const clock = new FakeClock();
  const log = new FakeLog();
  const scope = new Scope({ clock, log, stopWithin: seconds(5) });
  return { clock, log, scope, steps: [] as string[] };
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });

test("starts in order and stops in reverse, after one abort", async () => {
  const { scope, steps } = setUp();
  scope.signal.addEventListener("abort", () => steps.push("abort"));
  for (const name of ["database", "server", "loop"]) {
    const value = await scope.start(
      name,
      () => {
        steps.push(`start ${name}`);
        return name.length;
      },
      (length) => {
        steps.push(`stop ${name} ${length}`);
      },
    );
    expect(value).toBe(name.length);
  }
  await expect(scope.stop()).resolves.toEqual([]);
  expect(steps).toEqual(["start database", "start server", "start loop", "abort", "stop loop 4", "stop server 6", "stop database 8"]);
  await scope.stop();
  expect(steps).toHaveLength(7);
});

test("a part that fails to start is not stopped, those before it are", async () => {
  const { scope, steps } = setUp();
  const stop = (name: string) => void steps.push(name);
  await scope.start("first", () => "first", stop);
  await expect(scope.start("second", () => Promise.reject(new Error("port taken")), stop)).rejects.toThrow("port taken");
  await scope.stop();
  expect(steps).toEqual(["first"]);
});

test("nothing hangs the shutdown: parts below a stuck one are still stopped", async () => {
  const { clock, scope, steps, log } = setUp();
  await scope.start(
    "database",
    () => 0,
    async () => {
      await Promise.resolve();
      steps.push("database closed");
    },
  );
  await scope.start(
    "late too",
    () => 0,
    () => new Promise(() => {}),
  );
  await scope.start(
    "stuck",
    () => 0,
    () => new Promise(() => {}),
  );
  await scope.start(
    "fine",
    () => 0,
    () => void steps.push("fine"),
  );
  const stopping = scope.stop();
  await clock.advance(seconds(4));
  expect(steps).toEqual(["fine"]);
  await clock.advance(seconds(1));
  const failures = await stopping;
  expect(steps).toEqual(["fine", "database closed"]);
  expect(failures.map(({ part, error }) => [part, error instanceof StopTimedOut])).toEqual([
    ["stuck", true],
    ["late too", true],
  ]);
  expect(log.messages("error")).toEqual([]);
  expect(log.messages("warn")).toHaveLength(2);
  expect(clock.pending()).toEqual([]);
});

test("a part may stop itself faster when the deadline strikes", async () => {
  const { clock, scope } = setUp();
  await scope.start(
    "uploads",
    () => 0,
    async (_part, deadline) => untilAborted(deadline).catch(() => undefined),
  );
  const stopping = scope.stop();
  await clock.advance(seconds(5));
  await expect(stopping).resolves.toEqual([]);
});

test("errors while stopping are collected, one by one", async () => {
  const { clock, scope } = setUp();
  await scope.start(
    "a",
    () => 0,
    () => Promise.reject(new Error("a failed")),
  );
  await scope.start(
    "b",
    () => 0,
    () => {
      throw new Error("b failed");
    },
  );
  const failures = await scope.stop();
  expect(failures.map(({ part, error }) => `${part}: ${String(error)}`)).toEqual(["b: Error: b failed", "a: Error: a failed"]);
  expect(clock.pending()).toEqual([]);
});

test("work that fails by itself aborts the whole scope and is remembered", async () => {
  const { clock, scope, log } = setUp();
  scope.spawn("listener", async (signal) => {
    await clock.wait("listener", seconds(1), signal);
    throw new Error("socket lost");
  });
  let other = "running";
  scope.spawn("loop", async (signal) => {
    await untilAborted(signal).catch(() => undefined);
    other = "ended";
  });
  const aborted = scope.aborted();
  await clock.advance(seconds(1));
  await aborted;
  expect((scope.signal.reason as Error).message).toBe("socket lost");
  const failures = await scope.stop();
  expect(other).toBe("ended");
  expect(failures.map(({ part }) => part)).toEqual(["listener"]);
  expect(log.messages("error")).toEqual(["a part failed"]);
});

test("what work throws because it was aborted is no failure, and stop waits for its end", async () => {
  const { clock, scope } = setUp();
  let ended = false;
  scope.spawn("loop", async (signal) => {
    await untilAborted(signal).catch(() => undefined);
    await clock.wait("last words", seconds(2), new AbortController().signal);
    ended = true;
    throw new Error("aborted");
  });
  const stopping = scope.stop();
  await clock.advance(seconds(2));
  await expect(stopping).resolves.toEqual([]);
  expect(ended).toBe(true);
  await expect(
    scope.start(
      "too late",
      () => 0,
      () => {},
    ),
  ).rejects.toThrow("abort");
});
