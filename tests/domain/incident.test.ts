import { describe, expect, it } from "vitest";
import type { DeviceId } from "../../src/domain/camera.ts";
import type { Condition } from "../../src/domain/condition.ts";
import { instant, minutes, seconds } from "../../src/domain/duration.ts";
import { type IncidentState, nextIncidents, NO_INCIDENTS, wantedIncidents } from "../../src/domain/incident.ts";
import { closedMessage, firstWriteMessage, groupMessages, movedMessage, openedMessage } from "../../src/domain/incident-message.ts";
import type { ReasonCode } from "../../src/domain/reasons.ts";
import { at } from "../reconcilers/fake-home.ts";

const camera = { id: "front" as DeviceId, name: "Front door" };
const cameraOf = (subject: string) => (subject.includes("front") ? camera : undefined);

function condition(subject: string, reason: ReasonCode, status: Condition["status"] = "problem"): Condition {
  return { subject, status, reason, message: `${subject} is so`, since: instant(0) };
}

const wanted = (...conditions: Condition[]) => wantedIncidents(conditions, cameraOf, "commands");
const ids = (...conditions: Condition[]) => wanted(...conditions).map(({ incident, opens }) => `${incident.id}${opens ? "" : " (held)"}`);

describe("what the conditions amount to", () => {
  it.each([
    ["device/front", "CameraUnreachable", "camera/front/offline"],
    ["stream/go2rtc/front", "StreamDead", "camera/front/offline"],
    ["device/front", "Quarantined", "camera/front/impostor"],
    ["device/front/stream", "LoginRefused", "camera/front/problem"],
    ["adopt/front", "AdoptionProposed", "camera/front/approval"],
    ["adopt/front", "SecondMacProposed", "camera/front/approval"],
    ["clock/front", "ClockOff", "camera/front/problem"],
    ["target/frigate", "NeedsApproval", "target/frigate/approval"],
    ["target/frigate", "DocumentUnreadable", "target/frigate/problem"],
    ["server/go2rtc", "ServerUnreachable", "server/go2rtc/problem"],
  ] as const)("%s with %s is %s", (subject, reason, id) => {
    expect(ids(condition(subject, reason))).toEqual([id]);
  });

  it("is nothing where all is well, where it heals by itself, and where it is about telling or noticing", () => {
    expect(
      ids(
        condition("device/front", "Healthy", "ok"),
        condition("device/front", "AddressContested", "ok"),
        condition("device/front", "Searching"),
        condition("device/front", "NobodyThere"),
        condition("notify/ntfy.sh", "NotifyFailed"),
        condition("layer/dhcp", "LayerUnavailable", "unknown"),
        condition("server/go2rtc", "ServerUnreachable", "unknown"),
        condition("device/front", "BatteryCamera"),
      ),
    ).toEqual([]);
    expect(ids(condition("cameras/front/DuplicateCamera", "DuplicateCamera", "unknown"))).toEqual(["camera/front/problem"]);
  });

  it("is one incident of each kind a camera, of its worst condition; a warning beside an error begins none", () => {
    const all = wanted(
      condition("stream/go2rtc/front", "StreamDead"),
      condition("stream/go2rtc/front_sub", "StreamDead"),
      condition("device/front", "CameraUnreachable"),
    );
    expect(all.map(({ incident }) => incident)).toEqual([
      {
        id: "camera/front/offline",
        event: "offline",
        camera,
        reason: "CameraUnreachable",
        title: "Front door: Camera answers nowhere",
        message: "device/front is so",
        nextStep: "Check the camera's power and network cable; it is found again by itself when it returns.",
      },
    ]);
    expect(ids(condition("stream/go2rtc/front", "StreamDead"), condition("device/front", "Quarantined"))).toEqual([
      "camera/front/offline (held)",
      "camera/front/impostor",
    ]);
  });
});

describe("an incident", () => {
  const unreachable = wanted(condition("device/front", "CameraUnreachable"));

  /** Looks every five seconds; gives what opened and closed, with the second. */
  function story(looks: readonly (readonly [from: number, to: number, wanted: ReturnType<typeof wanted>])[]): readonly string[] {
    let state: IncidentState = NO_INCIDENTS;
    const told: string[] = [];
    for (const [from, to, now] of looks)
      for (let second = from; second < to; second += 5) {
        const step = nextIncidents(state, now, seconds(second), instant(second * 1000));
        ({ state } = step);
        told.push(...step.opened.map(({ incident }) => `${second} opened ${incident.id}`));
        told.push(...step.closed.map(({ incident }) => `${second} closed ${incident.id}`));
      }
    return told;
  }

  it("opens once it has stood for half a minute, and closes once it is over for ten seconds", () => {
    expect(
      story([
        [0, 100, unreachable],
        [100, 200, []],
      ]),
    ).toEqual(["30 opened camera/front/offline", "110 closed camera/front/offline"]);
  });

  it("that was healed before is none, and one that comes back at once goes on", () => {
    expect(
      story([
        [0, 25, unreachable],
        [25, 100, []],
      ]),
    ).toEqual([]);
    expect(
      story([
        [0, 50, unreachable],
        [50, 55, []],
        [55, 200, unreachable],
      ]),
    ).toEqual(["30 opened camera/front/offline"]);
  });

  it("waits longer where it may pass by itself: two minutes for a stream, five for a warning", () => {
    expect(story([[0, 400, wanted(condition("stream/go2rtc/front", "StreamDead"))]])).toEqual(["120 opened camera/front/offline"]);
    expect(story([[0, 400, wanted(condition("server/go2rtc", "ServerUnreachable"))]])).toEqual(["300 opened server/go2rtc/problem"]);
  });

  it("that is held is not begun, and goes on where it was open", () => {
    const held = wanted(condition("stream/go2rtc/front", "StreamDead"), condition("device/front", "Quarantined"));
    expect(story([[0, 60, held]])).toEqual(["30 opened camera/front/impostor"]);
    expect(
      story([
        [0, 60, unreachable],
        [60, 120, held],
      ]),
    ).toEqual(["30 opened camera/front/offline", "90 opened camera/front/impostor"]);
  });
});

describe("a message", () => {
  const [one = expect.unreachable()] = wanted(condition("device/front", "CameraUnreachable"));
  const open = { incident: one.incident, openedAt: instant(1000) };

  it("says what opened with the next step, and what is over with how long it lasted", () => {
    expect(openedMessage(open)).toMatchObject({ state: "open", isUrgent: true, at: 1000, title: "Front door: Camera answers nowhere" });
    expect(closedMessage(open, instant(201_000))).toMatchObject({
      id: "camera/front/offline",
      state: "closed",
      isUrgent: false,
      title: "Over: Front door: Camera answers nowhere",
      message: "It lasted 3 min 20 s.",
      nextStep: "",
    });
  });

  it("of a move and of a first write is for information, and shows no difference", () => {
    expect(movedMessage({ camera: camera.id, name: camera.name, from: at(20), to: at(77), at: instant(7) })).toMatchObject({
      id: "camera/front/moved",
      event: "moved",
      state: "info",
      title: "Front door: Camera moved and was healed",
      message: "It moved from 192.168.1.20 to 192.168.1.77.",
    });
    expect(movedMessage({ camera: camera.id, name: camera.name, from: at(20), to: at(77), at: instant(7) }, ["frigate"])).toMatchObject({
      title: "Front door: Camera moved, and a change waits for approval",
      message: "It moved from 192.168.1.20 to 192.168.1.77. Its video flows again; the change of frigate waits for approval.",
    });
    const first = firstWriteMessage({ target: "frigate", place: "/config/config.yml" }, instant(7), "commands");
    expect(first).toMatchObject({ event: "first_write", state: "info", message: expect.stringContaining("/config/config.yml") as string });
    expect(first.nextStep).toContain("camera-shepherd undo frigate");
  });

  it("of several at once counts them, names the first twenty, and says each next step once", () => {
    const many = Array.from({ length: 30 }, () => openedMessage(open));
    const group = groupMessages(many, instant(5000));
    expect(group).toMatchObject({
      event: "several",
      state: "open",
      isUrgent: true,
      title: "30 cameras or parts: Camera answers nowhere",
      at: 5000,
    });
    expect(group.message.split("\n")).toHaveLength(21);
    expect(group.message).toContain("and 10 more");
    expect([group.several?.length, group.nextStep]).toEqual([30, one.incident.nextStep]);
    expect(groupMessages([openedMessage(open), closedMessage(open, instant(2))], instant(3)).title).toBe("2 messages: 1 new, 1 over");
    expect(groupMessages([closedMessage(open, instant(2)), closedMessage(open, instant(2))], instant(3))).toMatchObject({
      state: "closed",
      title: "2 cameras or parts: over: Camera answers nowhere",
    });
  });

  it("of a warning is not urgent", () => {
    const [dead = expect.unreachable()] = wanted(condition("stream/go2rtc/front", "StreamDead"));
    expect(openedMessage({ incident: dead.incident, openedAt: instant(0) }).isUrgent).toBe(false);
    expect(minutes(2)).toBe(dead.settle);
  });
});
