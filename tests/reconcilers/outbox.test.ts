import { describe, expect, it, onTestFinished } from "vitest";
import type { DeviceId } from "../../src/domain/camera.ts";
import { instant, minutes, seconds } from "../../src/domain/duration.ts";
import { INCIDENT_EVENTS, type IncidentEvent } from "../../src/domain/incident.ts";
import type { IncidentMessage } from "../../src/domain/incident-message.ts";
import { Outbox } from "../../src/reconcilers/outbox.ts";
import { DEFAULT_BACKOFF } from "../../src/runtime/backoff.ts";
import { Loop } from "../../src/runtime/loop.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeLog } from "../fakes/fake-log.ts";
import { FakeMessenger } from "../fakes/fake-messenger.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeStatus } from "../fakes/fake-status.ts";

const scene = (...events: IncidentEvent[]) => run(new FakeRegistry(), ...events);

/** @param registry what outlives the program */
function run(registry: FakeRegistry, ...events: IncidentEvent[]) {
  const [clock, status, messenger, log] = [new FakeClock(), new FakeStatus(), new FakeMessenger(), new FakeLog()];
  const addressees = [{ messenger, events: new Set(events.length === 0 ? INCIDENT_EVENTS : events) }];
  const random = () => 0;
  const outbox: Outbox = new Outbox({ addressees, clock, random, status, registry, enqueue: (name) => loop.enqueue(name) });
  const subject = (name: string): string => `notify/${name}`;
  const loop: Loop<string> = new Loop(outbox, {
    clock,
    random,
    status,
    log,
    concurrency: 4,
    backoff: DEFAULT_BACKOFF,
    subject,
    limit: 100,
  });
  const stop = new AbortController();
  const running = loop.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await clock.settle();
    await running;
    expect(clock.pending()).toEqual([]);
  });
  outbox.resume();
  return { clock, status, messenger, outbox };
}

function message(name: string, state: IncidentMessage["state"] = "open", event: IncidentEvent = "offline"): IncidentMessage {
  const camera = { id: name as DeviceId, name };
  const shared = { camera, event, reason: "CameraUnreachable", message: "gone", nextStep: "look", isUrgent: true, at: instant(0) } as const;
  return { ...shared, id: `camera/${name}/${event}`, title: name, state };
}

const titles = (messenger: FakeMessenger): readonly string[] => messenger.told.map(({ title, state }) => `${state} ${title}`);

describe("what is told outside", () => {
  it("is told after a quiet quarter of a minute, a few one by one", async () => {
    const { clock, messenger, outbox, status } = scene();
    outbox.add([message("front")]);
    await clock.advance(seconds(14));
    expect(messenger.calls).toBe(0);
    outbox.add([message("back")]);
    await clock.advance(seconds(14));
    expect(messenger.calls).toBe(0);
    await clock.advance(seconds(2));
    expect(titles(messenger)).toEqual(["open front", "open back"]);
    expect(status.get("notify/ntfy.example")).toMatchObject({ status: "ok" });
  });

  it("is one message where thirty cameras go within a minute, and one where they come back", async () => {
    const { clock, messenger, outbox } = scene();
    for (const state of ["open", "closed"] as const) {
      for (let count = 0; count < 30; count += 1) {
        outbox.add([message(`camera-${count}`, state)]);
        await clock.advance(seconds(1));
      }
      await clock.advance(minutes(2));
    }
    expect(messenger.told.map(({ several, state }) => [several?.length, state])).toEqual([
      [30, "open"],
      [30, "closed"],
    ]);
  });

  it("does not wait for quiet longer than a minute, and an impostor waits for nothing", async () => {
    const { clock, messenger, outbox } = scene();
    for (let count = 0; count < 10; count += 1) {
      outbox.add([message(`camera-${count}`)]);
      await clock.advance(seconds(10));
    }
    expect(messenger.told[0]?.several).toHaveLength(6);
    outbox.add([message("front", "open", "impostor")]);
    await clock.settle();
    expect(messenger.told.length).toBeGreaterThan(1);
  });

  it("that is over before it was told is told to nobody; what was told is told to be over", async () => {
    const { clock, messenger, outbox } = scene();
    outbox.add([message("front")]);
    await clock.advance(seconds(5));
    outbox.add([message("front", "closed")]);
    await clock.advance(minutes(2));
    expect(messenger.calls).toBe(0);
    outbox.add([message("front")]);
    await clock.advance(minutes(1));
    outbox.add([message("front", "closed")]);
    await clock.advance(minutes(1));
    expect(titles(messenger)).toEqual(["open front", "closed front"]);
  });

  it("is at most five messages, and then one in five minutes that says the rest", async () => {
    const { clock, messenger, outbox } = scene();
    for (let count = 0; count < 60; count += 1) {
      outbox.add([message(`camera-${count}`)]);
      await clock.advance(seconds(20));
    }
    await clock.advance(minutes(10));
    // Twenty minutes of it, and ten after.
    expect(messenger.calls).toBeLessThanOrEqual(5 + 6);
    expect(messenger.told.flatMap((one) => one.several ?? [one])).toHaveLength(60);
  });

  it("is only what was asked for", async () => {
    const { clock, messenger, outbox } = scene("impostor");
    outbox.add([message("front")]);
    outbox.add([message("back", "open", "impostor")]);
    await clock.advance(minutes(1));
    expect(titles(messenger)).toEqual(["open back"]);
  });

  it("is tried again with growing pauses, in order, with a condition that says so and nothing else", async () => {
    const { clock, messenger, outbox, status } = scene();
    messenger.failing = 3;
    outbox.add([message("front")]);
    await clock.advance(seconds(16));
    expect(status.get("notify/ntfy.example")).toMatchObject({
      status: "problem",
      reason: "NotifyFailed",
      message: 'ntfy.example was not told "front": it answered 500',
    });
    await clock.advance(seconds(130));
    expect([messenger.calls, titles(messenger)]).toEqual([4, ["open front"]]);
    expect(status.get("notify/ntfy.example")).toMatchObject({ status: "ok" });
  });

  it("is kept for as long as the messenger is away, and told as one when it answers again", async () => {
    const { clock, messenger, outbox, status } = scene();
    messenger.failing = Infinity;
    outbox.add([message("front"), message("back"), message("door", "info", "moved")]);
    await clock.advance(minutes(72 * 60));
    expect(messenger.calls).toBeLessThan(72 * 4 + 5);
    outbox.add([message("back", "closed")]);
    messenger.failing = 0;
    await clock.advance(minutes(20));
    expect(messenger.told.map(({ several = [] }) => several.map(({ title, state }) => `${state} ${title}`))).toEqual([
      ["open front", "info door"],
    ]);
    expect(status.get("notify/ntfy.example")).toMatchObject({ status: "ok" });
    outbox.add([message("front", "closed")]);
    await clock.advance(minutes(1));
    expect(titles(messenger).slice(1)).toEqual(["closed front"]);
  });

  it("is at most two hundred: what is for information makes room first, and what made room is never said to be over", async () => {
    const { clock, messenger, outbox } = scene();
    messenger.failing = 1;
    outbox.add([message("news", "info", "moved"), ...Array.from({ length: 201 }, (_, count) => message(`camera-${count}`))]);
    await clock.advance(minutes(2));
    const told = messenger.told.flatMap((one) => one.several ?? []);
    expect([told.length, told.at(0)?.title, told.at(-1)?.title]).toEqual([200, "camera-1", "camera-200"]);
    outbox.add([message("camera-0", "closed"), message("camera-1", "closed")]);
    await clock.advance(minutes(1));
    expect(titles(messenger).slice(1)).toEqual(["closed camera-1"]);
  });

  it("that is over while it is being told is told to be over only where it was told", async () => {
    const { clock, messenger, outbox } = scene();
    const tell = messenger.tell.bind(messenger);
    const over: readonly (() => void)[] = ["front", "back"].map((name) => () => outbox.add([message(name, "closed")]));
    messenger.tell = (one, signal) => {
      if (one.state === "open") over[one.title === "front" ? 0 : 1]?.();
      return tell(one, signal);
    };
    outbox.add([message("front")]);
    await clock.advance(minutes(1));
    expect(titles(messenger)).toEqual(["open front", "closed front"]);
    messenger.failing = 1;
    outbox.add([message("back")]);
    await clock.advance(minutes(30));
    expect(titles(messenger).slice(2)).toEqual([]);
  });

  it("waits over a restart, until it shows whether it is still so; what was told is known to be told", async () => {
    const registry = new FakeRegistry();
    const first = run(registry);
    first.outbox.add([message("told")]);
    await first.clock.advance(minutes(1));
    first.messenger.failing = Infinity;
    first.outbox.add([message("front"), message("back"), message("told", "closed"), message("moved", "info", "moved")]);
    await first.clock.advance(minutes(1));

    const second = run(registry);
    await second.clock.advance(minutes(2));
    expect(second.messenger.calls).toBe(0);
    second.outbox.add([message("back", "closed")]);
    await second.clock.advance(minutes(1));
    expect(titles(second.messenger)).toEqual(["open front", "closed told", "info moved"]);

    const third = run(registry);
    third.outbox.add([message("back", "closed"), message("told", "closed"), message("front", "closed")]);
    await third.clock.advance(minutes(5));
    expect(titles(third.messenger)).toEqual(["closed front"]);
  });

  it.each(["{", '{"waiting":{"a":1},"told":7}', '{"waiting":[null,{"id":"x","state":"open"},{"state":"gone"}],"told":[7]}'])(
    "a memory of another form is none: %s",
    async (text) => {
      const registry = new FakeRegistry();
      registry.consents.saveFact("notify/ntfy.example", text);
      const { clock, messenger } = run(registry);
      await clock.advance(minutes(10));
      expect(messenger.calls).toBe(0);
    },
  );
});
