import { expect, it } from "vitest";
import { type EventMemory, followEvents, type HomeEvent, NO_EVENTS } from "../../../src/domain/entities/home-event.ts";
import { instant, milliseconds } from "../../../src/domain/duration.ts";
import type { Notice } from "../../../src/domain/notice.ts";
import { at, id, named } from "../../reconcilers/fake-home.ts";

function stream(status: "ok" | "problem" | "unknown", subject = "stream/go2rtc/front"): Notice {
  const reason = status === "problem" ? "StreamDead" : "Healthy";
  return { kind: "condition", condition: { subject, status, reason, message: "words", since: instant(0) } };
}

function follow(...notices: readonly Notice[]): readonly HomeEvent[] {
  const events: HomeEvent[] = [];
  let memory: EventMemory = NO_EVENTS;
  for (const notice of notices) {
    const next = followEvents(memory, notice, (subject) => (subject.includes("front") ? id("front") : undefined));
    ({ memory } = next);
    if (next.event !== undefined) events.push(next.event);
  }
  return events;
}

it("a stream is lost once and back once, and never back where it was not lost", () => {
  const events = follow(stream("ok"), stream("problem"), stream("problem"), stream("unknown"), stream("ok"), stream("ok"));
  expect(events).toEqual([
    { type: "stream_lost", camera: "front", details: { stream: "front", message: "words" } },
    { type: "stream_back", camera: "front", details: { stream: "front", message: "words" } },
  ]);
});

it("streams are told apart, and what belongs to no camera is no event", () => {
  const events = follow(
    stream("problem"),
    stream("problem", "stream/go2rtc/front/sub"),
    stream("problem", "stream/go2rtc/gone"),
    stream("problem", "device/front"),
    stream("ok"),
  );
  expect(events.map(({ type, details }) => [type, details["stream"]])).toEqual([
    ["stream_lost", "front"],
    ["stream_lost", "front/sub"],
    ["stream_back", "front"],
  ]);
});

it("a camera has healed where no stream of it can be watched, and says so", () => {
  const evidence = {
    device: id("front"),
    candidate: at(77),
    layer: "dhcp",
    at: instant(0),
    took: milliseconds(1),
    verdict: "verified",
    reason: "Verified",
    steps: [],
  } as const;
  const moved: Notice = { kind: "moved", device: id("front"), from: undefined, to: at(77), evidence };
  const frames = { kind: "frames", device: id("front"), stream: named("front"), from: at(20), packets: 9, after: milliseconds(1) } as const;
  expect(follow(moved, frames, { kind: "unwatched", device: id("front") })).toEqual([
    { type: "moved", camera: "front", details: { from: null, to: at(77), noticed_by: "dhcp" } },
    { type: "healed", camera: "front", details: { from: null, to: at(77), video: false } },
  ]);
});
