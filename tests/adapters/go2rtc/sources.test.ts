import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareSource, patchable, refusal, showsSources } from "../../../src/adapters/go2rtc/sources.ts";
import type { IpAddress } from "../../../src/domain/addresses.ts";
import type { StreamName } from "../../../src/domain/camera.ts";

const url = "rtsp://viewer:canary-x@192.0.2.7:554/live";
const connected = { id: 1, remoteAddress: "192.0.2.7" as IpAddress, videoPackets: 4 };
const names = new Set(["front", "live", "my door", "deep/path"] as StreamName[]);

describe("compareSource", () => {
  it.each([
    ["same", url, url],
    ["different", url, `${url}#backchannel=0`],
    ["different", url, "rtsp://viewer:canary-x@192.0.2.70:554/live"],
    ["same", "rtsp://viewer:***@192.0.2.7:554/live", url],
    ["same", "rtsp://***:***@192.0.2.7:554/live", url],
    ["different", "rtsp://***:***@192.0.2.8:554/live", url],
    ["different", "rtsp://***@192.0.2.7:554/live", "rtsp://192.0.2.7:554/live"],
    ["same", "ffmpeg:front#audio=opus", "ffmpeg:front#audio=opus"],
  ])("an idle producer is the %s: %s and %s", (outcome, shown, wanted) => {
    expect(compareSource({ url: shown }, wanted)).toBe(outcome);
  });

  it.each([
    ["same", url, `${url}#backchannel=0`],
    ["same", "rtsp://viewer:***@192.0.2.7/live", url],
    ["different", "rtsp://viewer:other@192.0.2.7:554/live", url],
    ["different", url, "rtsp://viewer:canary-x@192.0.2.7:554/other"],
    ["same", "rtsps://192.0.2.7:322/a", "rtspx://192.0.2.7/a"],
    ["unknown", "rtsp://127.0.0.1:8554/x", "ffmpeg:front#audio=opus"],
    ["unknown", "", url],
  ])("a connected producer is the %s: %s and %s", (outcome, shown, wanted) => {
    expect(compareSource({ url: shown, ...connected }, wanted)).toBe(outcome);
  });

  it("needs as many producers as sources, in order", () => {
    const other = "rtsp://192.0.2.8/a";
    expect(showsSources([{ url }, { url: other }], [url, other])).toBe(true);
    expect(showsSources([{ url: other }, { url }], [url, other])).toBe(false);
    expect(showsSources([{ url }], [url, other])).toBe(false);
    expect(showsSources([], [url])).toBe(false);
  });

  it("takes any masking of a text for that text, and never throws", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[^*]{0,30}$/), fc.nat(30), fc.nat(30), (text, from, length) => {
        const shown = `${text.slice(0, from)}***${text.slice(from + length)}`;
        expect(compareSource({ url: shown }, text)).toBe("same");
      }),
    );
  });
});

describe("patchable", () => {
  it.each([
    ["rtsp://192.0.2.7/live", "rtsp://192.0.2.7/live#backchannel=1#%"],
    ["rtsp://192.0.2.7/live?a=b#timeout=9", "rtsp://192.0.2.7/live?a=b#timeout=9#%"],
    ["rtsp://192.0.2.7/my%20door", "rtsp://192.0.2.7/my%20door#backchannel=1#%"],
    ["rtsp://192.0.2.7/deep/path", "rtsp://192.0.2.7/deep/path#backchannel=1#%"],
    ["rtsp://192.0.2.7//live", "rtsp://192.0.2.7//live"],
    ["rtsp://192.0.2.7/other", "rtsp://192.0.2.7/other"],
    ["rtsp://192.0.2.7/", "rtsp://192.0.2.7/"],
    ["rtsps://192.0.2.7/live", "rtsps://192.0.2.7/live"],
    ["http://192.0.2.7/live", "http://192.0.2.7/live"],
  ])("sends %s as %s", (source, sent) => {
    expect(patchable(source, names)).toBe(sent);
  });
});

describe("refusal", () => {
  it.each(["exec:ffmpeg", "echo:a", "expr:1", "rtsp://192.0.2.7/a b", "ffmpeg:x#raw=-vf\ttranspose", ""])(
    "names why %j is not sent",
    (source) => {
      expect(refusal(source)).toBeTypeOf("string");
    },
  );

  it("lets others through", () => {
    for (const source of [url, "ffmpeg:front#audio=opus", "http://192.0.2.7/x?exec:1"]) expect(refusal(source)).toBeUndefined();
  });
});
