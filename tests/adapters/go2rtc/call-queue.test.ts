import { describe, expect, it } from "vitest";
import { CallQueue } from "../../../src/adapters/go2rtc/call-queue.ts";
import { StreamServerError } from "../../../src/ports/stream-server.ts";

const signal = new AbortController().signal;

describe("CallQueue", () => {
  it("runs one task at a time, in order, also after failures", async () => {
    const queue = new CallQueue();
    const log: string[] = [];
    const task = (name: string) => async (): Promise<string> => {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
      if (name === "b") throw new Error("b failed");
      return name;
    };
    const results = await Promise.allSettled(["a", "b", "c"].map((name) => queue.run(task(name), signal)));
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("tells an aborted caller at once and keeps the turn of what has begun", async () => {
    const queue = new CallQueue();
    const controller = new AbortController();
    const gate = Promise.withResolvers<void>();
    const log: string[] = [];
    const first = queue.run(async () => {
      await gate.promise;
      log.push("first");
    }, controller.signal);
    const waiting = queue.run(async () => void log.push("aborted while waiting"), controller.signal);
    const next = queue.run(async () => void log.push("next"), signal);
    await Promise.resolve();
    controller.abort(new Error("enough"));
    await expect(first).rejects.toThrow("enough");
    await expect(waiting).rejects.toThrow("enough");
    expect(log).toEqual([]);
    gate.resolve();
    await next;
    expect(log).toEqual(["first", "next"]);
  });

  it("is bounded", async () => {
    const queue = new CallQueue();
    const gate = Promise.withResolvers<void>();
    const waiting = Array.from({ length: 512 }, () => queue.run(() => gate.promise, signal));
    await expect(queue.run(() => gate.promise, signal)).rejects.toBeInstanceOf(StreamServerError);
    gate.resolve();
    await Promise.all(waiting);
    await expect(queue.run(async () => "again", signal)).resolves.toBe("again");
  });
});
