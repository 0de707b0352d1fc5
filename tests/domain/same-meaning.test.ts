import { describe, expect, it } from "vitest";
import { go2rtcDocument } from "../../src/adapters/go2rtc/document.ts";
import { sameMeaning } from "../../src/domain/same-meaning.ts";

const format = go2rtcDocument({ environment: new Map([["CAMERA_PASSWORD", "canary"]]) });
const BEFORE = `api: { listen: ":1984" } # the port
streams:
  front: rtsp://viewer:canary@192.168.1.20/main # at the door
  back:
    - rtsp://viewer:\${CAMERA_PASSWORD}@192.168.1.21/main
    - ffmpeg:back#audio=opus
`;
const MEANT = BEFORE.replace("192.168.1.20", "192.168.1.60").replace("192.168.1.21", "192.168.1.61");
const same = (written: string): boolean => sameMeaning(format, written, MEANT, BEFORE);
/** As go2rtc writes a stream that it was told: always a list, its comment gone. */
const told = (text: string, host: string): string => text.replace(/ {2}front: .*\n/, `  front:\n    - rtsp://viewer:canary@${host}/main\n`);

describe("go2rtc's own writing", () => {
  it("is known: of one stream or of all, placeholders filled", () => {
    expect(same(told(BEFORE, "192.168.1.60"))).toBe(true);
    expect(same(told(MEANT, "192.168.1.60"))).toBe(true);
    expect(same(told(MEANT, "192.168.1.60").replace("${CAMERA_PASSWORD}", "canary"))).toBe(true);
    expect(same(told(BEFORE, "192.168.1.20"))).toBe(true);
    expect(same(told(MEANT, "192.168.1.60").replaceAll("\n", "\r\n"))).toBe(true);
  });

  it.each([
    ["another address", told(BEFORE, "192.168.1.99")],
    ["a new comment", `${told(BEFORE, "192.168.1.60")}# mine\n`],
    ["a changed comment", MEANT.replace("at the door", "at the gate")],
    ["a new stream", `${MEANT}  gate: rtsp://192.168.1.30/main\n`],
    ["a removed stream", MEANT.replace(/ {2}front: .*\n/, "")],
    ["a source more", MEANT.replace("    - ffmpeg", "    - rtsp://192.168.1.9/x\n    - ffmpeg")],
    ["sources in another order", MEANT.replace(/( {4}- rtsp.*\n)( {4}- ffmpeg.*\n)/, "$2$1")],
    ["another setting", MEANT.replace(":1984", ":1985")],
    ["a broken text", "streams: ["],
    ["no text", ""],
  ])("is not %s", (_what, written) => {
    expect(same(written)).toBe(false);
  });
});
