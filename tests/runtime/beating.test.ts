import { describe, expect, test } from "vitest";
import { seconds } from "../../src/domain/duration.ts";
import type { Heartbeat } from "../../src/ports/heartbeat.ts";
import { keepBeating } from "../../src/runtime/beating.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeLog } from "../fakes/fake-log.ts";

class Counted implements Heartbeat {
  beats = 0;
  ends = 0;
  broken = false;
  async beat(): Promise<void> {
    await Promise.resolve();
    if (this.broken) throw new Error("read-only");
    this.beats += 1;
  }
  end(): Promise<void> {
    this.ends += 1;
    return Promise.resolve();
  }
}

describe("a sign of life", () => {
  test("is given at once and every ten seconds, and ends with the program", async () => {
    const [clock, log, heartbeat, stop] = [new FakeClock(), new FakeLog(), new Counted(), new AbortController()];
    const beating = keepBeating(heartbeat, clock, log, stop.signal);
    await clock.advance(seconds(0));
    expect(heartbeat.beats).toBe(1);
    await clock.advance(seconds(60));
    expect(heartbeat).toMatchObject({ beats: 7, ends: 0 });
    stop.abort(new Error("end"));
    await beating;
    expect(heartbeat).toMatchObject({ beats: 7, ends: 1 });
    expect(log.lines).toEqual([]);
  });

  test("that cannot be given is said once, tried again, and said anew after it worked", async () => {
    const [clock, log, heartbeat, stop] = [new FakeClock(), new FakeLog(), new Counted(), new AbortController()];
    heartbeat.broken = true;
    const beating = keepBeating(heartbeat, clock, log, stop.signal);
    await clock.advance(seconds(35));
    expect(log.lines).toHaveLength(1);
    heartbeat.broken = false;
    await clock.advance(seconds(20));
    expect(heartbeat.beats).toBe(2);
    heartbeat.broken = true;
    await clock.advance(seconds(20));
    expect(log.lines).toHaveLength(2);
    stop.abort(new Error("end"));
    await beating;
  });
});
