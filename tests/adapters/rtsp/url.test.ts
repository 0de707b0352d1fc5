import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findVideoTrack, sessionUri } from "../../../src/adapters/rtsp/session-description.ts";
import { parseRtspUrl } from "../../../src/adapters/rtsp/url.ts";

describe("parseRtspUrl", () => {
  it("decodes credentials and keeps them out of the request", () => {
    expect(parseRtspUrl("rtsp://viewer:canary%40%3A%2F%23%25%24@192.0.2.7:8554/a/b?c=d#backchannel=0")).toEqual({
      host: "192.0.2.7",
      port: 8554,
      tls: false,
      requestUri: "rtsp://192.0.2.7:8554/a/b?c=d",
      credentials: { username: "viewer", password: "canary@:/#%$" },
    });
  });

  it.each([
    ["rtsp://viewer:canary@x:y$z@192.0.2.7/", { username: "viewer", password: "canary@x:y$z" }],
    ["rtsp://viewer@192.0.2.7/", { username: "viewer", password: "" }],
    ["rtsp://:canary-x@192.0.2.7/", { username: "", password: "canary-x" }],
  ])("understands %s", (url, credentials) => {
    expect(parseRtspUrl(url)).toMatchObject({ host: "192.0.2.7", port: 554, credentials });
  });

  it("knows the schemes of go2rtc", () => {
    expect(parseRtspUrl("rtsps://192.0.2.7/a")).toMatchObject({ port: 322, tls: true });
    expect(parseRtspUrl("rtspx://192.0.2.7:7441/a")).toMatchObject({ port: 7441, tls: true, requestUri: "rtsps://192.0.2.7:7441/a" });
    expect(parseRtspUrl("rtsp://[2001:db8::1]:554/a")).toMatchObject({ host: "2001:db8::1" });
    expect(parseRtspUrl("rtsp://:@192.0.2.7/")?.credentials).toBeUndefined();
  });

  it.each([
    "http://192.0.2.7/",
    "rtsp://",
    "rtsp://a b/",
    "rtsp://192.0.2.7:0/",
    "rtsp://192.0.2.7:99999/",
    "rtsp://u:%zz@192.0.2.7/",
    "rtsp://u:%0d%0a@192.0.2.7/",
    "rtsp://192.0.2.7/\r\nX: y",
  ])("refuses %j", (url) => {
    expect(parseRtspUrl(url)).toBeUndefined();
  });

  it("gives back every password that was percent-encoded", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~äß€]{1,20}$/), fc.stringMatching(/^[ -~äß€]{0,20}$/), (username, password) => {
        const url = `rtsp://${encodeURIComponent(username)}:${encodeURIComponent(password)}@192.0.2.7/a`;
        expect(parseRtspUrl(url)?.credentials).toEqual({ username, password });
      }),
    );
  });

  it("never throws", () => {
    const piece = fc.constantFrom("rtsp://", "@", ":", "/", "#", "%", "%4", "[", "]", "192.0.2.7", "\r\n");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join("")),
        ),
        (text) => {
          const parsed = parseRtspUrl(text);
          expect(parsed === undefined || (parsed.port > 0 && !/[\r\n#]/.test(parsed.requestUri))).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("a session description", () => {
  const sdp = (session: string, control: string): string =>
    `v=0\r\n${session}m=audio 0 RTP/AVP 0\r\na=control:track2\r\nm=video 0 RTP/AVP 96\r\n${control}a=rtpmap:96 H264/90000\r\n`;

  it.each([
    ["a=control:track1\r\n", "rtsp://192.0.2.7/a", "rtsp://192.0.2.7/a/track1"],
    ["a=control:track1\r\n", "rtsp://192.0.2.7/a/", "rtsp://192.0.2.7/a/track1"],
    ["a=control:rtsp://192.0.2.7/other\r\n", "rtsp://192.0.2.7/a", "rtsp://192.0.2.7/other"],
    ["", "rtsp://192.0.2.7/a", "rtsp://192.0.2.7/a"],
    ["a=control:*\r\n", "rtsp://192.0.2.7/a?b", "rtsp://192.0.2.7/a?b"],
  ])("with %j and base %s names %s", (control, base, uri) => {
    expect(findVideoTrack(sdp("", control), base)?.controlUri).toBe(uri);
  });

  it("may have no video, and a control of its own", () => {
    expect(findVideoTrack("v=0\r\nm=audio 0 RTP/AVP 0\r\n", "rtsp://192.0.2.7/")).toBeUndefined();
    expect(sessionUri(sdp("a=control:rtsp://192.0.2.7/all\r\n", ""), "rtsp://192.0.2.7/a")).toBe("rtsp://192.0.2.7/all");
    expect(sessionUri(sdp("", ""), "rtsp://192.0.2.7/a")).toBe("rtsp://192.0.2.7/a");
  });
});
