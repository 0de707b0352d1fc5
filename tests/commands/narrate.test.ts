import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noticeLine } from "../../src/commands/json-line.ts";
import { narrator } from "../../src/commands/narrate.ts";
import { paint, wantsColour } from "../../src/commands/paint.ts";
import type { Condition } from "../../src/domain/condition.ts";
import type { IpAddress } from "../../src/domain/addresses.ts";
import { after, seconds } from "../../src/domain/duration.ts";
import type { Notice } from "../../src/domain/notice.ts";
import { evening, EVENING, front } from "./notices.ts";

const somewhere = "192.168.1.50" as IpAddress;
const plain = { colour: false, timeZone: "UTC" };
const page = import.meta.dirname + "/../../docs/output.md";

function told(notices: readonly Notice[], look = plain): readonly string[] {
  const teller = narrator(look);
  return notices.flatMap((notice, index) => teller.tell(notice, after(EVENING, seconds(index))));
}

describe("on a terminal", () => {
  it("an evening reads like this", async () => {
    await expect(`${told(evening).join("\n")}\n`).toMatchFileSnapshot("../golden/output/evening.txt");
  });

  it("a heal stands together", () => {
    const heal = evening.filter((notice) => ["moved", "stream-pointed", "document-written", "frames"].includes(notice.kind)).slice(0, 5);
    expect(narrated(heal)).toEqual([
      "21:04:07  front    moved 192.168.1.50 → 192.168.1.77 (DHCP requests, calls itself cam-front)",
      "          proved   MAC 0c:79:55:4b:d4:2a answers · port 554 open · ONVIF endpoint and RTSP realm as learned",
      "                   password accepted · took 212 ms",
      "21:04:07  frigate  /config/frigate.yml corrected: 1 host 192.168.1.51 → 192.168.1.78, 480 ms after the first sign",
      "21:04:07  front    healed: go2rtc streams front, front_sub · frigate.yml 2 hosts",
      "                   frames flow again after 900 ms",
    ]);
  });

  it("after an undo says no longer what was done for the move before", () => {
    const teller = narrator(plain);
    const [move, ...deeds] = evening.slice(7, 10);
    for (const notice of [move, ...deeds]) if (notice !== undefined) teller.tell(notice, EVENING);
    const edits = [{ path: ["a"], owners: [], from: "192.168.1.77" as IpAddress, to: somewhere }];
    teller.tell({ kind: "undone", target: "frigate", place: "/config/frigate.yml", edits, diff: "" }, EVENING);
    expect(teller.flush(EVENING)).toEqual([]);
  });

  it("who has a page and no command line is told of its buttons", () => {
    const teller = narrator(plain, (id) => id, "page");
    const lines = evening.flatMap((notice) => teller.tell(notice, EVENING)).join("\n");
    expect(lines).toContain("/config/frigate.yml; Undo on the page Camera Shepherd takes it back");
    expect(lines).toContain("Approve on the page Camera Shepherd writes it");
    expect(lines).not.toMatch(/camera-shepherd \w/);
  });

  it("colour is the only difference that colour makes", () => {
    const coloured = told(evening, { ...plain, colour: true });
    // oxlint-disable-next-line eslint/no-control-regex -- escape sequences are what is removed
    expect(coloured.map((line) => line.replaceAll(/\u001B\[\d+m/g, ""))).toEqual(told(evening));
    expect(coloured.join("")).toContain("\u001B[32m");
    expect(told(evening).join("")).not.toContain("\u001B");
  });

  it("what was done is told at the end where no frames came", () => {
    const teller = narrator(plain);
    for (const notice of evening.slice(7, 10)) teller.tell(notice, EVENING);
    expect(teller.flush(EVENING)).toEqual(["          changed  go2rtc streams front, front_sub · no frames yet"]);
    expect(teller.flush(EVENING)).toEqual([]);
  });

  it("why an address was refused is not said again by the camera's condition, until that was well in between", () => {
    const refused = evening.filter(({ kind }) => kind === "refused");
    const isShown = (status: Condition["status"], reason: Condition["reason"]): readonly Notice[] => [
      { kind: "condition", condition: { subject: "device/back", status, reason, message: "back", since: EVENING } },
    ];
    const same = isShown("problem", "IdentityDiffers");
    expect(told([...refused, ...same])).toEqual(told(refused));
    expect(told([...refused, ...isShown("problem", "LoginRefused")]).length).toBeGreaterThan(told(refused).length);
    const again = told([...refused, ...same, ...isShown("ok", "Healthy"), ...same]);
    expect(again.join("\n")).toMatch(/well again: back\n.*identifies itself as another one/);
  });

  it("says once that a camera does not answer", () => {
    const message = `Front door does not answer at ${somewhere}`;
    expect(told([{ kind: "lost", device: front, address: somewhere, message }])).toEqual([
      "21:04:07  front    does not answer at 192.168.1.50 any more",
    ]);
  });

  it("neither a password nor a control character gets through", () => {
    const lines = told([
      { kind: "lost", device: front, address: somewhere, message: "rtsp://viewer:canary@10.0.0.1/?password=canary\nforged" },
    ]);
    expect(lines).toEqual(["21:04:07  front    no longer at 192.168.1.50: rtsp://***@10.0.0.1/?password=***"]);
    expect(told([{ kind: "lost", device: front, address: somewhere, message: "a\u001B[2J\rforged" }])).toEqual([
      "21:04:07  front    no longer at 192.168.1.50: a?[2J?forged",
    ]);
    expect(told(evening).join("\n")).not.toContain("canary");
  });

  it("says each thing of each line once, whatever the order is", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...evening]), (some) => {
        for (const line of told(some)) expect(line).toMatch(/^(?:\d\d:\d\d:\d\d {2}|\s{10})\S| {19}\S/);
        expect(told(some).join("\n")).not.toMatch(/undefined|\[object|NaN/);
      }),
      { numRuns: 200 },
    );
  });
});

function narrated(notices: readonly Notice[]): readonly string[] {
  const teller = narrator(plain);
  return notices.flatMap((notice) => teller.tell(notice, EVENING));
}

describe("for programs", () => {
  it("each notice is a line of JSON", async () => {
    const lines = evening.map((notice) => noticeLine(notice, EVENING));
    expect(JSON.parse(lines[0] ?? "")).toEqual({ time: "2026-11-20T21:04:07.000Z", kind: "layer-up", layer: "dhcp" });
    expect(lines.join("")).not.toContain("canary");
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../golden/output/evening.jsonl");
  });

  it("each kind and each of its keys is described in docs/output.md", () => {
    const text = readFileSync(page, "utf8");
    const missing = evening
      .flatMap((notice) => Object.keys(notice).map((key) => [notice.kind, key] as const))
      .filter(([kind, key]) => {
        const row = text.split("\n").find((line) => line.startsWith(`| \`${kind}\` |`)) ?? "";
        return key !== "kind" && !row.includes(`\`${key}\``);
      });
    expect(missing).toEqual([]);
  });
});

describe("colour", () => {
  it("is for terminals of people who did not say no", () => {
    expect(wantsColour(true, {})).toBe(true);
    expect(wantsColour(true, { NO_COLOR: "" })).toBe(true);
    expect(wantsColour(true, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColour(true, { TERM: "dumb" })).toBe(false);
    expect(wantsColour(false, {})).toBe(false);
    expect(paint({ colour: true }, "red", "")).toBe("");
  });
});
