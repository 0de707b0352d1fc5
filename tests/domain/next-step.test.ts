import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import type { DeviceId } from "../../src/domain/camera.ts";
import { instant } from "../../src/domain/duration.ts";
import { BRIDGE_ENTITIES } from "../../src/domain/entities/bridge-entities.ts";
import { CAMERA_ENTITIES } from "../../src/domain/entities/camera-entities.ts";
import { statesOf } from "../../src/domain/entities/entity.ts";
import { wantedIncidents } from "../../src/domain/incident.ts";
import { type Ask, nextStepOf, type Surface, wayOf } from "../../src/domain/next-step.ts";
import { type ReasonCode, REASONS } from "../../src/domain/reasons.ts";

const CODES = Object.keys(REASONS) as ReasonCode[];
const front = "front" as DeviceId;
const ASKS: readonly Ask[] = [
  { verb: "approve" },
  { verb: "approve", id: "3f2a" },
  { verb: "undo", target: "frigate" },
  { verb: "resync" },
  { verb: "adopt", camera: front },
  { verb: "adopt", camera: front, devices: ["0c:79:55:4b:d4:2a", "0c:79:55:4b:d4:2b"] },
  { verb: "replace" },
  { verb: "replace", camera: front, mac: "0c:79:55:4b:d4:2a" as MacAddress },
  { verb: "forget" },
  { verb: "forget", camera: front },
  { verb: "check" },
  { verb: "texts" },
  { verb: "resync", camera: front },
  { verb: "earlier", target: "frigate", to: 12 },
];

describe("the next step", () => {
  it.each<readonly [ReasonCode, Surface, Ask | undefined, string]>([
    [
      "NeedsApproval",
      "commands",
      { verb: "approve", id: "3f2a" },
      "Look at it, and approve it or make it by hand. camera-shepherd approve 3f2a writes it.",
    ],
    [
      "NeedsApproval",
      "page",
      { verb: "approve", id: "3f2a" },
      "Look at it, and approve it or make it by hand. Approve on the page Camera Shepherd writes it.",
    ],
    ["FirstWrite", "page", { verb: "undo", target: "frigate" }, "Look at what changed. Undo on the page Camera Shepherd takes it back."],
    [
      "Undone",
      "commands",
      undefined,
      "Where the new address is right after all, have everything looked at again. camera-shepherd resync does so.",
    ],
    [
      "NotLearnedYet",
      "commands",
      undefined,
      "Bring the camera to its configured address once, or say which device it is. To say so: camera-shepherd adopt CAMERA=MAC-OR-ADDRESS",
    ],
    [
      "NotLearnedYet",
      "page",
      undefined,
      "Bring the camera to its configured address once, or say which device it is. To say so: This is the camera on the page Camera Shepherd, at the camera.",
    ],
    [
      "IdentityDiffers",
      "commands",
      undefined,
      "If the camera was replaced or reset, say which device it is now: what was learned before is dropped, and all of it learned anew. " +
        "To say so: camera-shepherd adopt CAMERA=MAC --replace",
    ],
    [
      "IdentityDiffers",
      "page",
      { verb: "replace", camera: front },
      "If the camera was replaced or reset, say which device it is now: what was learned before is dropped, and all of it learned anew. " +
        "To say so: Another camera took its place on the page Camera Shepherd, at the camera.",
    ],
    [
      "StillConfigured",
      "commands",
      { verb: "forget", camera: "front door" as DeviceId },
      "Take it out of what is named there, then have it forgotten. To have it forgotten: camera-shepherd forget 'front door'",
    ],
    [
      "StillConfigured",
      "page",
      { verb: "forget", camera: front },
      "Take it out of what is named there, then have it forgotten. To have it forgotten: Forget this camera on the page Camera Shepherd.",
    ],
    ["StreamDead", "page", undefined, ""],
    ["ClockOff", "page", undefined, REASONS.ClockOff.nextStep],
  ])("of %s by %s", (code, surface, ask, words) => {
    expect(nextStepOf(code, surface, ask)).toBe(words);
  });

  it("names no command where a person has a page, whatever is asked", () => {
    for (const code of CODES)
      for (const ask of [undefined, ...ASKS]) expect(nextStepOf(code, "page", ask)).not.toMatch(/camera-shepherd (?!data)[a-z]|--/);
  });

  it.each(["IdentityDiffers", "Quarantined", "ExposedNotQuarantined"] as const)(
    "of %s tells a person with a new camera how it is learned",
    (code) => {
      expect(nextStepOf(code, "commands")).toMatch(/replaced or reset, .*camera-shepherd adopt CAMERA=MAC --replace$/);
      expect(nextStepOf(code, "page")).toMatch(/replaced or reset, .*Another camera took its place on the page/);
    },
  );

  it("names no file of the program's own that a person would have to move, as one with an app cannot", () => {
    for (const code of CODES) for (const surface of ["commands", "page"] as const) expect(nextStepOf(code, surface)).not.toMatch(/\.db\b/);
  });

  it("names options as people write them, a group that has one entry included", () => {
    for (const code of CODES) expect(REASONS[code].nextStep).not.toContain("[]");
  });

  it.each<readonly [Ask, string]>([
    [{ verb: "adopt", camera: "front door" as DeviceId, devices: ["0c:79:55:4b:d4:2a"] }, "adopt 'front door=0c:79:55:4b:d4:2a'"],
    [{ verb: "adopt", camera: "o'hara; reboot" as DeviceId }, String.raw`adopt 'o'\''hara; reboot=MAC-OR-ADDRESS'`],
    [{ verb: "replace", camera: front, mac: "0c:79:55:4b:d4:2a" as MacAddress }, "adopt front=0c:79:55:4b:d4:2a --replace"],
    [{ verb: "replace", camera: "front door" as DeviceId }, "adopt 'front door=MAC' --replace"],
    [{ verb: "adopt", camera: front, devices: ["fe80::1"] }, "adopt front=fe80::1"],
    [{ verb: "undo", target: "my frigate" }, "undo 'my frigate'"],
    [{ verb: "undo", target: "settings.yaml" }, "undo settings.yaml"],
  ])("can be copied into a shell whatever the camera or document is called: %j", (ask, command) => {
    expect(wayOf(ask, "commands")).toBe(`camera-shepherd ${command}`);
  });

  it("of a proposal that fits several devices leaves the choice", () => {
    const ask: Ask = { verb: "adopt", camera: front, devices: ["0c:79:55:4b:d4:2a", "0c:79:55:4b:d4:2b"] };
    expect(nextStepOf("AdoptionUnclear", "commands", ask)).toMatch(
      /camera-shepherd adopt front=0c:79:55:4b:d4:2a, with the one that is right$/,
    );
    expect(nextStepOf("AdoptionUnclear", "page", ask)).toMatch(
      /It is 0c:79:55:4b:d4:2a on the page .*, at the camera, with the one that is right\.$/,
    );
  });
});

describe("every surface says it in its own words", () => {
  const conditions = [
    {
      subject: "adopt/front",
      status: "problem",
      reason: "AdoptionProposed",
      message: "m",
      since: instant(0),
      ask: ASKS[4] ?? { verb: "check" },
    },
  ] as const;
  const camera = { id: front, title: "Front", macs: [], proved: false, history: [], conditions };

  it.each<readonly [Surface, RegExp]>([
    ["commands", /camera-shepherd adopt front=MAC-OR-ADDRESS$/],
    ["page", /This is the camera on the page Camera Shepherd, at the camera\.$/],
  ])("entities and incidents by %s", (surface, words) => {
    const states = JSON.parse(JSON.stringify(statesOf(CAMERA_ENTITIES, { ...camera, surface }))) as Record<string, unknown>;
    const bridge = JSON.parse(JSON.stringify(statesOf(BRIDGE_ENTITIES, { isReady: true, conditions, pending: [], surface }))) as Record<
      string,
      unknown
    >;
    const steps = [...JSON.stringify([states, bridge]).matchAll(/"next_step":"([^"]*)"/g)].map(([, step]) => step);
    expect(steps.length).toBeGreaterThanOrEqual(2);
    for (const step of steps) expect(step).toMatch(words);
    expect(wantedIncidents(conditions, () => undefined, surface)[0]?.incident.nextStep).toMatch(words);
  });

  it("the program's problems list pan, tilt and zoom that wait for a restart, and are none for that", () => {
    const waits = {
      subject: "target/frigate/restart",
      status: "unknown",
      reason: "RestartNeeded",
      message: "m",
      since: instant(0),
    } as const;
    const states = JSON.stringify(statesOf(BRIDGE_ENTITIES, { isReady: true, conditions: [waits], pending: [], surface: "page" }));
    expect(states).toContain('"reason":"RestartNeeded"');
    expect(states).toContain("In sync");
  });

  it("no reason, message or other text has a command in it but the command line's own", () => {
    const named = readdirSync("src", { recursive: true, encoding: "utf8" })
      .filter(
        (path) =>
          path.endsWith(".ts") && !path.startsWith("commands/") && !["domain/next-step.ts", "config/options.ts", "main.ts"].includes(path),
      )
      .filter((path) =>
        /camera-shepherd (?:adopt|approve|undo|resync|reconnect|check|plan|sync|export|import)\b/.test(readFileSync(`src/${path}`, "utf8")),
      );
    expect(named).toEqual([]);
  });
});
