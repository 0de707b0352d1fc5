import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import {
  DEFAULT_HEALTH,
  flowWindow,
  nextHealth,
  UNSEEN,
  type HealthState,
  type HealthVerdict,
  type StreamObservation,
} from "../../src/domain/stream-health.ts";

/** One connected producer. */
const seen = (videoPackets: number, id = 1, consumers = 1): StreamObservation => ({
  consumers,
  producers: [{ id, remoteAddress: "192.168.1.50", videoPackets }],
  countsPackets: true,
});
const idle: StreamObservation = { consumers: 0, producers: [{}], countsPackets: true };

class Watch {
  state: HealthState = UNSEEN;
  now = 0;
  packets = 0;
  readonly looks: number[] = [];
  readonly repairs: number[] = [];

  poll(observation: StreamObservation, after = 2): HealthVerdict {
    this.now += after;
    const verdict = nextHealth(this.state, observation, DEFAULT_HEALTH, seconds(this.now));
    this.state = verdict.state;
    if (verdict.actions.includes("look")) this.looks.push(this.now);
    if (verdict.actions.includes("repair")) this.repairs.push(this.now);
    return verdict;
  }

  live(span: number): this {
    for (let time = 0; time < span; time += 2) this.poll(seen((this.packets += 100)));
    return this;
  }

  frozen(span: number, observation = seen(this.packets)): this {
    for (let time = 0; time < span; time += 2) this.poll(observation);
    return this;
  }
}

describe("condition", () => {
  it("is live while video packets grow", () => {
    const watch = new Watch().live(60);
    expect(watch.state.condition).toEqual({ kind: "live" });
    expect([...watch.looks, ...watch.repairs]).toEqual([]);
  });

  it("is unknown before growth was seen: one poll shows none", () => {
    expect(new Watch().live(2).state.condition).toEqual({ kind: "unknown" });
  });

  it("is idle without consumers, and nothing is done for days", () => {
    const watch = new Watch().live(10).frozen(86_400, idle);
    expect(watch.state.condition).toEqual({ kind: "idle" });
    expect([...watch.looks, ...watch.repairs]).toEqual([]);
  });

  it("is frozen after five seconds without video packets, since the last growth", () => {
    const watch = new Watch().live(20);
    watch.frozen(4);
    expect(watch.state.condition).toEqual({ kind: "live" });
    watch.frozen(2);
    expect(watch.state.condition).toEqual({ kind: "frozen", since: seconds(20) });
    watch.live(2);
    expect(watch.state.condition).toEqual({ kind: "live" });
  });

  it("is frozen where a consumer waits and nothing is connected", () => {
    const failing: StreamObservation = { consumers: 1, producers: [{}], countsPackets: true };
    expect(new Watch().frozen(10, failing).state.condition).toMatchObject({ kind: "frozen" });
  });

  it.each([
    ["lists no counters", { consumers: 1, producers: [{ remoteAddress: "192.168.1.50" }], countsPackets: true }],
    ["is known not to count", { consumers: 1, producers: [{}], countsPackets: false }],
  ])("is unknown where the server %s, and nothing is done", (_what, observation: StreamObservation) => {
    const watch = new Watch().frozen(600, observation);
    expect(watch.state.condition).toEqual({ kind: "unknown" });
    expect([...watch.looks, ...watch.repairs]).toEqual([]);
  });

  it("is dead after three failed checks", () => {
    const watch = new Watch().live(30).frozen(88);
    expect(watch.state.condition.kind).toBe("frozen");
    watch.frozen(8);
    expect(watch.state.condition).toEqual({ kind: "dead", since: seconds(30) });
  });

  it("expects video anew when a consumer comes back", () => {
    const watch = new Watch().live(10).frozen(600, idle);
    watch.frozen(4);
    expect(watch.state.condition).toEqual({ kind: "unknown" });
    expect(watch.looks).toEqual([]);
    watch.frozen(4);
    expect(watch.state.condition).toMatchObject({ kind: "frozen", since: seconds(612) });
  });
});

describe("connections", () => {
  it("count as new by their id or by a counter that began anew, and their packets as growth", () => {
    const watch = new Watch().live(10);
    expect(watch.state.reconnects).toBe(0);
    expect(watch.poll(seen(7, 2)).reconnected).toBe(true);
    expect(watch.poll(seen(3, 2)).reconnected).toBe(true);
    expect(watch.poll(seen(4, 2)).reconnected).toBe(false);
    expect(watch.state.reconnects).toBe(2);
    expect(watch.state.condition).toEqual({ kind: "live" });
  });

  it("without a packet are no life", () => {
    const watch = new Watch().live(10);
    for (let id = 2; id < 8; id += 1) watch.poll(seen(0, id));
    expect(watch.state.condition.kind).toBe("frozen");
  });

  it("live by any of several producers", () => {
    const watch = new Watch();
    for (let count = 0; count < 20; count += 1) {
      watch.poll({ consumers: 1, producers: [{ id: 1, videoPackets: 500 }, { id: 2, videoPackets: count }, {}], countsPackets: true });
    }
    expect(watch.state.condition).toEqual({ kind: "live" });
  });
});

describe("look", () => {
  it("comes with the freeze and is repeated with growing pauses", () => {
    const { looks } = new Watch().live(20).frozen(200);
    expect(looks).toEqual([26, 36, 56, 86, 116, 146, 176, 206]);
  });

  it("comes less often where the stream freezes again and again", () => {
    const watch = new Watch();
    for (let round = 0; round < 20; round += 1) watch.live(4).frozen(8);
    expect(watch.looks.length).toBeLessThan(9);
    const gaps = watch.looks.slice(1).map((time, index) => time - (watch.looks[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10);
  });

  it("comes at once again after a calm time", () => {
    const watch = new Watch().live(20).frozen(60).live(200);
    const before = watch.looks.length;
    watch.frozen(18);
    expect(watch.looks.slice(before)).toEqual([286, 296]);
  });
});

describe("repair", () => {
  it("comes with the third failed check, then after cooldowns that double up to the most", () => {
    const { repairs } = new Watch().live(30).frozen(4000);
    expect(repairs[0]).toBe(122);
    const gaps = repairs.slice(1).map((time, index) => time - (repairs[index] ?? 0));
    expect(gaps.slice(0, 4)).toEqual([60, 120, 240, 480]);
    expect(Math.max(...gaps)).toBe(minutes(15) / 1000);
  });

  it("does not come where some video came between the checks", () => {
    const watch = new Watch();
    for (let round = 0; round < 30; round += 1) watch.live(2).frozen(26);
    expect(watch.repairs).toEqual([]);
  });

  it("counts one check a poll, however late the poll is", () => {
    const watch = new Watch().live(30);
    watch.poll(seen(watch.packets), 3600);
    expect(watch.state.failed).toBe(0);
    watch.poll(seen(watch.packets), 3600);
    expect(watch.state.failed).toBe(1);
    expect(watch.repairs).toEqual([]);
  });

  it("forgets failures with growth, and the backoff after a calm time", () => {
    const watch = new Watch().live(30).frozen(400);
    expect(watch.state.repairs).toBeGreaterThan(1);
    watch.live(2);
    expect(watch.state).toMatchObject({ failed: 0 });
    expect(watch.state.repairs).toBeGreaterThan(1);
    watch.live(120);
    expect(watch.state.repairs).toBe(0);
  });
});

describe("the window in which a live stream shows growth", () => {
  it("is three mean packet intervals, within 250 ms and 3 s", () => {
    expect(flowWindow(UNSEEN)).toBe(3000);
    expect(flowWindow(new Watch().live(60).state)).toBe(250);
    const slow = new Watch();
    for (let count = 0; count < 20; count += 1) slow.poll(seen(count * 8));
    expect(flowWindow(slow.state)).toBeCloseTo(750, 5);
    const slowest = new Watch();
    for (let count = 0; count < 20; count += 1) slowest.poll(seen(count));
    expect(flowWindow(slowest.state)).toBe(3000);
  });
});
