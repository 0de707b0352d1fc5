import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { createProcesses } from "../../../src/adapters/system/processes.ts";
import { systemRandom } from "../../../src/adapters/system/random.ts";
import { milliseconds } from "../../../src/domain/duration.ts";

const never = new AbortController().signal;
const MONTH_AND_MORE = milliseconds(2 * 2 ** 31 + 1000);

describe("spans beyond what Node's timers hold", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("a wait lasts its whole span", async () => {
    const clock = createSystemClock();
    let done = false;
    const wait = clock.wait("months", MONTH_AND_MORE, never).then(() => (done = true));
    await vi.advanceTimersByTimeAsync(MONTH_AND_MORE - 1);
    expect(done).toBe(false);
    expect(clock.pending()).toMatchObject([{ name: "months", span: MONTH_AND_MORE }]);
    await vi.advanceTimersByTimeAsync(2);
    await wait;
    expect(done).toBe(true);
    expect(clock.pending()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("an infinite wait goes on and on, and its abort leaves no timer", async () => {
    const clock = createSystemClock();
    const stop = new AbortController();
    const wait = clock.wait("for ever", milliseconds(Infinity), stop.signal).catch(() => "aborted");
    await vi.advanceTimersByTimeAsync(3 * 2 ** 31);
    expect(clock.pending()).toHaveLength(1);
    stop.abort();
    await expect(wait).resolves.toBe("aborted");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a deadline comes after its whole span, and not at all once its signal aborted", async () => {
    const clock = createSystemClock();
    const stop = new AbortController();
    const [late, followed] = [clock.deadline("months", MONTH_AND_MORE, never), clock.deadline("cut", MONTH_AND_MORE, stop.signal)];
    await vi.advanceTimersByTimeAsync(2 ** 31 + 10);
    stop.abort(new Error("stop"));
    expect(followed.reason).toMatchObject({ message: "stop" });
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(MONTH_AND_MORE - 2 ** 31 - 12);
    expect(late.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(3);
    expect(late.reason).toMatchObject({ name: "TimeoutError" });
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("a pending deadline lets the process end, a pending wait keeps it", async () => {
  const clock = new URL("../../../src/adapters/system/clock.ts", import.meta.url).href;
  const run = async (body: string) => {
    const script = `
      import { createSystemClock } from ${JSON.stringify(clock)};
      const clock = createSystemClock();
      process.on("exit", () => console.log("end"));
      ${body}`;
    return createProcesses().run({ file: process.execPath, args: ["--input-type=module", "-e", script] }, never);
  };
  expect(await run('clock.deadline("d", 600_000, new AbortController().signal)')).toMatchObject({ exitCode: 0, stdout: "end\n" });
  const waited = await run('clock.wait("w", 50, new AbortController().signal).then(() => console.log("waited"))');
  expect(waited).toMatchObject({ exitCode: 0, stdout: "waited\nend\n" });
});

test("chance lies in [0, 1)", () => {
  const drawn = Array.from({ length: 1000 }, systemRandom);
  expect(drawn.every((chance) => chance >= 0 && chance < 1)).toBe(true);
  expect(new Set(drawn).size).toBeGreaterThan(990);
});
