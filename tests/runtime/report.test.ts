import { describe, expect, test } from "vitest";
import { milliseconds, seconds } from "../../src/domain/duration.ts";
import type { Notice } from "../../src/domain/notice.ts";
import { TargetError } from "../../src/ports/config-target.ts";
import { LayerUnavailable } from "../../src/ports/sightings.ts";
import { Stalled, Waiting } from "../../src/runtime/outcome.ts";
import { createStatus, reportPass, resultOf } from "../../src/runtime/report.ts";
import type { PassResult } from "../../src/runtime/report.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeLog } from "../fakes/fake-log.ts";

function setUp(limit?: number) {
  const clock = new FakeClock();
  const log = new FakeLog();
  const told: Notice[] = [];
  const status = createStatus({ clock, log, tell: (notice) => told.push(notice), ...(limit === undefined ? {} : { limit }) });
  return { clock, log, told, status };
}

describe("createStatus", () => {
  test("tells and logs a change of status or reason once, and keeps the time of the last change", async () => {
    const { clock, log, told, status } = setUp();
    const start = clock.now();
    status.set("device/front", "problem", "Searching", "asking");
    await clock.advance(seconds(5));
    status.set("device/front", "problem", "Searching", "still asking");
    expect(status.get("device/front")).toMatchObject({ message: "still asking", since: start });
    status.set("device/front", "problem", "CameraUnreachable", "gone");
    status.set("device/front", "ok", "Verified", "back");
    expect(told.map((notice) => (notice.kind === "condition" ? notice.condition.reason : ""))).toEqual([
      "Searching",
      "CameraUnreachable",
      "Verified",
    ]);
    expect(status.get("device/front")?.since).toBe(start + 5000);
    expect(log.lines.map((line) => line.level)).toEqual(["warn", "warn", "info"]);
  });

  test("a first condition that is all well is no news in the log", () => {
    const { log, status } = setUp();
    status.set("layer/dhcp", "ok", "LayerActive", "listening");
    expect(log.lines.map((line) => line.level)).toEqual(["debug"]);
  });

  test("masks credentials and bounds the message", () => {
    const { status } = setUp();
    status.set("a", "problem", "StreamDead", `rtsp://viewer:canary-7@192.0.2.1/ ${"x".repeat(5000)}`);
    const message = status.get("a")?.message ?? "";
    expect(message).toContain("rtsp://***@192.0.2.1/");
    expect(message).not.toContain("canary");
    expect(message.length).toBeLessThan(1100);
  });

  test("holds a bounded number of subjects and says so once", () => {
    const { log, status } = setUp(2);
    for (const subject of ["a", "b", "c", "d"]) status.set(subject, "problem", "StreamDead", subject);
    expect(status.all().map((condition) => condition.subject)).toEqual(["a", "b"]);
    expect(log.messages("warn").filter((message) => message.startsWith("too many"))).toHaveLength(1);
    status.clear("a");
    status.set("c", "problem", "StreamDead", "c");
    expect(status.get("c")).toBeDefined();
  });

  test("a reader that fails does not stop the program", () => {
    const clock = new FakeClock();
    const log = new FakeLog();
    const tell = () => {
      throw new Error("terminal closed");
    };
    const status = createStatus({ clock, log, tell });
    status.set("a", "problem", "StreamDead", "dead");
    expect(status.get("a")?.reason).toBe("StreamDead");
    expect(log.messages("error")).toEqual(["a condition could not be told"]);
  });
});

describe("resultOf", () => {
  const cause = new Error("x");
  test.each<[string, unknown, Partial<PassResult>]>([
    ["a stall", new Stalled("LoginRefused", "wrong"), { kind: "stalled", reason: "LoginRefused", message: "wrong" }],
    ["a wait", new Waiting("Searching", seconds(3), "soon"), { kind: "waiting", reason: "Searching", after: seconds(3) }],
    ["an error with a reason of the table", new TargetError("DocumentMissing", "no file"), { kind: "failed", reason: "DocumentMissing" }],
    ["an error whose name is in the table", new LayerUnavailable("dhcp", "taken", seconds(1)), { reason: "LayerUnavailable" }],
    ["another error", cause, { kind: "failed", reason: "InternalError", message: "x", error: cause }],
    ["an error with a foreign reason", Object.assign(new Error("x"), { reason: "toString" }), { reason: "InternalError" }],
    ["a thrown text", "just text", { kind: "failed", reason: "InternalError", message: "just text" }],
  ])("%s", (_name, error, expected) => {
    expect(resultOf(error)).toMatchObject(expected);
  });

  test("credentials in an error's message do not leave it", () => {
    expect(resultOf(new Error("GET rtsp://viewer:canary-1@192.0.2.7/s")).kind).toBe("failed");
    expect(JSON.stringify(resultOf(new Stalled("LoginRefused", "rtsp://viewer:canary-1@192.0.2.7/s")))).not.toContain("canary");
  });
});

describe("reportPass", () => {
  const base = { loop: "binding", subject: "device/front", attempts: 1, retryAfter: milliseconds(800), previous: undefined };
  const failed = (error: unknown): PassResult => resultOf(error);

  test("a success with nothing to withdraw says nothing", () => {
    const { log, told, status } = setUp();
    expect(reportPass(status, log, { ...base, result: { kind: "done", requeueAfter: undefined } })).toBeUndefined();
    expect([log.lines, told, status.all()]).toEqual([[], [], []]);
  });

  test("an unexpected error is logged once with its stack while it repeats", () => {
    const { log, status } = setUp();
    for (let attempts = 1; attempts <= 3; attempts += 1) reportPass(status, log, { ...base, attempts, result: failed(new Error("boom")) });
    const errors = log.lines.filter((line) => line.level === "error");
    expect(errors).toHaveLength(1);
    expect(errors[0]?.fields["error"]).toBeInstanceOf(Error);
    expect(status.get("device/front")).toMatchObject({ status: "problem", reason: "InternalError" });
  });

  test("an expected failure is logged by its condition alone", () => {
    const { log, status } = setUp();
    reportPass(status, log, { ...base, result: failed(new Stalled("LoginRefused", "wrong password")) });
    expect(log.messages("loud")).toEqual(["condition"]);
  });

  test("waiting for something harmless is no problem", () => {
    const { log, status } = setUp();
    reportPass(status, log, { ...base, result: failed(new Waiting("FramesStillFlow", seconds(1), "frames")) });
    expect(status.get("device/front")?.status).toBe("ok");
    reportPass(status, log, { ...base, result: failed(new Waiting("Searching", seconds(1), "asking")) });
    expect(status.get("device/front")?.status).toBe("problem");
  });

  test("a success withdraws the failure of the report before it", () => {
    const { log, status } = setUp();
    const previous = reportPass(status, log, { ...base, result: failed(new Error("boom")) });
    reportPass(status, log, { ...base, previous, result: { kind: "done", requeueAfter: undefined } });
    expect(status.get("device/front")).toMatchObject({ status: "ok", reason: "Healthy" });
  });

  test("a success leaves a condition that the pass set itself", () => {
    const { log, status } = setUp();
    const previous = reportPass(status, log, { ...base, result: failed(new Stalled("RestartNeeded", "restart")) });
    status.set("device/front", "problem", "RestartNeeded", "restart");
    reportPass(status, log, { ...base, previous, result: { kind: "done", requeueAfter: undefined } });
    expect(status.get("device/front")?.reason).toBe("RestartNeeded");
  });
});
