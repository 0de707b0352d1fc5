import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  exitCodeOfConditions,
  exitCodeOfReason,
  renderSync,
  syncExitCode,
  syncLine,
  type DeviceOutcome,
  type SyncResult,
} from "../../src/commands/sync-report.ts";
import type { Condition } from "../../src/domain/condition.ts";
import { milliseconds } from "../../src/domain/duration.ts";
import { REASONS, type ReasonCode } from "../../src/domain/reasons.ts";
import { EVENING, ip } from "./notices.ts";

const plain = { colour: false };

const condition = (subject: string, status: Condition["status"], reason: ReasonCode, message = "why"): Condition => ({
  subject,
  status,
  reason,
  message,
  since: EVENING,
});

const devices: readonly DeviceOutcome[] = [
  { device: "back", title: "back", outcome: "unchanged", address: ip("192.168.1.51"), reason: "Healthy", message: "" },
  {
    device: "front",
    title: "Front door",
    outcome: "healed",
    from: ip("192.168.1.50"),
    address: ip("192.168.1.77"),
    reason: "Healed",
    message: "",
  },
  { device: "gate", title: "gate", outcome: "searching", reason: "CameraUnreachable", message: "gate answers nowhere since 21:00" },
  { device: "barn", title: "barn", outcome: "refused", reason: "LoginRefused", message: "rtsp://viewer:canary@192.168.1.90 answers 401" },
];

const result = (over: Partial<SyncResult>): SyncResult => ({
  devices: [],
  conditions: [],
  dryRun: false,
  finished: true,
  took: milliseconds(1840),
  ...over,
});

describe("sync", () => {
  it("reads like this", async () => {
    const conditions = [
      condition("server/go2rtc", "problem", "ServerUnreachable", "http://127.0.0.1:1984 does not answer"),
      condition("device/gate", "problem", "CameraUnreachable"),
      condition("layer/dhcp", "ok", "LayerActive"),
    ];
    const text = renderSync(result({ devices, conditions }), plain);
    await expect(text).toMatchFileSnapshot("../golden/output/sync.txt");
    expect(text).not.toContain("canary");
  });

  it("says of a dry run that nothing was changed", () => {
    expect(renderSync(result({ devices: devices.slice(0, 2), dryRun: true }), plain)).toBe(
      [
        "unchanged  back        is at 192.168.1.51",
        "healed     Front door  192.168.1.50 → 192.168.1.77 (dry run: nothing was changed)",
        "1 camera would be healed, 1 unchanged (1.8 s).",
        "",
      ].join("\n"),
    );
    expect(renderSync(result({}), plain)).toBe("No camera is known here (1.8 s).\n");
  });

  it("notes that pan, tilt and zoom wait for a restart, which is no failure", () => {
    const conditions = [
      condition("target/frigate/restart", "unknown", "RestartNeeded"),
      condition("device/back", "unknown", "RestartNeeded"),
      condition("server/go2rtc", "unknown", "ServerUnreachable"),
    ];
    const [, noted, step, ...more] = renderSync(result({ devices: devices.slice(0, 1), conditions }), plain).split("\n");
    expect(noted).toMatch(/^note +target\/frigate\/restart: Frigate must be restarted for this change: /);
    expect(step).toBe("           → Restart Frigate.");
    expect(more).toEqual(["1 unchanged (1.8 s).", ""]);
    expect(syncExitCode(result({ devices: devices.slice(0, 1), conditions }))).toBe(0);
  });

  it("says where the time was up", () => {
    expect(renderSync(result({ devices: devices.slice(0, 1), finished: false }), plain)).toBe(
      [
        "unchanged  back  is at 192.168.1.51",
        "late       not everything came to its end in time; the next sync goes on from there",
        "1 unchanged (1.8 s).",
        "",
      ].join("\n"),
    );
  });

  it("is one line of JSON for programs, described in docs/output.md", () => {
    const line = JSON.parse(syncLine(result({ devices, conditions: [condition("server/go2rtc", "problem", "ServerUnreachable")] })));
    const page = readFileSync(`${import.meta.dirname}/../../docs/output.md`, "utf8");
    for (const key of [
      ...Object.keys(line),
      ...line.devices.flatMap((device: object) => Object.keys(device)),
      ...Object.keys(line.parts[0]),
    ])
      expect(page).toContain(`\`${key}\``);
    expect(line.exitCode).toBe(2);
    expect(JSON.stringify(line)).not.toContain("canary");
  });
});

describe("the exit code", () => {
  it.each<[ReasonCode, number]>([
    ["Healthy", 0],
    ["Healed", 0],
    ["LayerUnavailable", 0],
    ["ServerUnreachable", 1],
    ["CameraUnreachable", 1],
    ["NotLearnedYet", 1],
    ["InternalError", 1],
    ["LoginRefused", 2],
    ["ServerRefusesLogin", 2],
    ["DocumentForbidden", 2],
    ["DocumentUnreadable", 2],
    ["DuplicateCamera", 2],
    ["Restarting", 1],
    ["RestartLater", 1],
    ["RestartNeeded", 2],
    ["NeedsApproval", 2],
    ["PullRequestOpen", 2],
    ["WrittenElsewhere", 2],
    ["FlipFlop", 2],
  ])("of %s is %i", (reason, code) => {
    expect(exitCodeOfReason(reason)).toBe(code);
  });

  it("of every reason is one that fits its next step: what ends with 2 tells a person what to do", () => {
    const codes = Object.keys(REASONS) as ReasonCode[];
    expect(codes.filter((code) => exitCodeOfReason(code) === 2 && REASONS[code].nextStep === "")).toEqual([]);
  });

  it("is the gravest of all, and counts problems alone", () => {
    expect(exitCodeOfConditions([condition("a", "unknown", "LoginRefused"), condition("b", "ok", "Healed")])).toBe(0);
    expect(exitCodeOfConditions([condition("a", "problem", "ServerUnreachable"), condition("b", "problem", "DocumentMissing")])).toBe(2);
    expect(syncExitCode(result({ devices: devices.slice(0, 2) }))).toBe(0);
    expect(syncExitCode(result({ devices: devices.slice(0, 3) }))).toBe(1);
    expect(syncExitCode(result({ devices: [{ device: "x", title: "x", outcome: "searching", reason: "Healthy", message: "" }] }))).toBe(1);
    expect(syncExitCode(result({ devices }))).toBe(2);
    expect(syncExitCode(result({ devices: devices.slice(0, 2), finished: false }))).toBe(1);
    expect(syncExitCode(result({ devices, finished: false }))).toBe(2);
  });
});
