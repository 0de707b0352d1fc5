import { describe, expect, it } from "vitest";
import { Lanes } from "../../src/runtime/lanes.ts";
import { LimitReached } from "../../src/runtime/limit-reached.ts";

/** Work that ends when the test says so. */
class Job {
  readonly started: AbortSignal[] = [];
  readonly #done = Promise.withResolvers<string>();
  readonly work = (signal: AbortSignal): Promise<string> => {
    this.started.push(signal);
    return this.#done.promise;
  };

  finish(text: string): void {
    this.#done.resolve(text);
  }

  fail(error: Error): void {
    this.#done.reject(error);
  }
}

const never = new AbortController().signal;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a lane", () => {
  it("does one piece of work at a time, in order", async () => {
    const lanes = new Lanes<string, number, string>(4);
    const [first, second] = [new Job(), new Job()];
    const outcomes = [lanes.run("a", 1, first.work, never), lanes.run("a", 2, second.work, never)];
    await settle();
    expect([first.started.length, second.started.length]).toEqual([1, 0]);
    first.finish("one");
    await settle();
    expect(second.started.length).toBe(1);
    second.finish("two");
    expect(await Promise.all(outcomes)).toEqual(["one", "two"]);
  });

  it("shares work with the same key, under way or waiting, but not when it is over", async () => {
    const lanes = new Lanes<string, number, string>(4);
    const [first, second, third] = [new Job(), new Job(), new Job()];
    const outcomes = [1, 1].map((key) => lanes.run("a", key, first.work, never));
    const waiting = [2, 2].map((key) => lanes.run("a", key, second.work, never));
    first.finish("one");
    second.finish("two");
    expect(await Promise.all([...outcomes, ...waiting])).toEqual(["one", "one", "two", "two"]);
    expect([first.started.length, second.started.length]).toEqual([1, 1]);
    third.finish("three");
    expect(await lanes.run("a", 1, third.work, never)).toBe("three");
  });

  it("does not hold up another lane", async () => {
    const lanes = new Lanes<string, number, string>(4);
    const [first, second] = [new Job(), new Job()];
    const one = lanes.run("a", 1, first.work, never);
    second.finish("two");
    expect(await lanes.run("b", 1, second.work, never)).toBe("two");
    first.finish("one");
    expect(await one).toBe("one");
  });

  it("goes on after a failure, which all that share it see", async () => {
    const lanes = new Lanes<string, number, string>(4);
    const [first, second] = [new Job(), new Job()];
    const outcomes = [1, 1].map((key) => lanes.run("a", key, first.work, never));
    const next = lanes.run("a", 2, second.work, never);
    first.fail(new Error("broken"));
    for (const outcome of outcomes) await expect(outcome).rejects.toThrow("broken");
    second.finish("two");
    expect(await next).toBe("two");
  });

  it("is bounded", async () => {
    const lanes = new Lanes<string, number, string>(2);
    const job = new Job();
    const outcomes = [1, 2].map((key) => lanes.run("a", key, job.work, never));
    await expect(lanes.run("a", 3, job.work, never)).rejects.toThrow(LimitReached);
    job.finish("done");
    await Promise.all(outcomes);
    expect(await lanes.run("a", 3, job.work, never)).toBe("done");
  });
});

describe("a caller that gives up", () => {
  it("leaves the others their outcome", async () => {
    const lanes = new Lanes<string, number, string>(4);
    const job = new Job();
    const hurry = new AbortController();
    const one = lanes.run("a", 1, job.work, hurry.signal);
    const other = lanes.run("a", 1, job.work, never);
    await settle();
    hurry.abort(new Error("enough"));
    await expect(one).rejects.toThrow("enough");
    expect(job.started[0]?.aborted).toBe(false);
    job.finish("done");
    expect(await other).toBe("done");
  });

  it("stops the work when it was the last, and later callers get fresh work", async () => {
    const lanes = new Lanes<string, number, string>(4);
    const [job, again] = [new Job(), new Job()];
    const hurry = new AbortController();
    const one = lanes.run("a", 1, job.work, hurry.signal);
    await settle();
    hurry.abort(new Error("enough"));
    await expect(one).rejects.toThrow("enough");
    expect(job.started[0]?.aborted).toBe(true);
    const later = lanes.run("a", 1, again.work, never);
    job.fail(new Error("stopped"));
    again.finish("fresh");
    expect(await later).toBe("fresh");
  });

  it("never starts what still waits, and starts nothing when aborted before", async () => {
    const lanes = new Lanes<string, number, string>(4);
    const [first, second] = [new Job(), new Job()];
    const hurry = new AbortController();
    const one = lanes.run("a", 1, first.work, never);
    const waiting = lanes.run("a", 2, second.work, hurry.signal);
    hurry.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(lanes.run("a", 2, second.work, hurry.signal)).rejects.toThrow("enough");
    first.finish("one");
    await one;
    await settle();
    expect(second.started).toEqual([]);
  });
});
