import { describe, expect, test } from "vitest";
import type { IpAddress } from "../../src/domain/addresses.ts";
import { fill, hidePlaceholders, placeholderNames, resolve } from "../../src/domain/placeholder.ts";
import { tcpPort, urlAt } from "../../src/domain/source-url.ts";
import { linkedName, QUARANTINE_SOURCE, readHost, readSource, sourceAt, urlsOf } from "../../src/domain/stream-source.ts";

const none = new Map<string, string>();
const address = "192.168.1.10" as IpAddress;

/** The hosts that are found, cut out of the text itself. */
function cut(text: string): readonly string[] {
  return readSource(text, "go2rtc", none).hosts.flatMap((host) => (host.kind === "address" ? [text.slice(host.start, host.end)] : []));
}

describe("hosts", () => {
  test.each([
    "rtsp://192.168.1.10",
    "rtsp://192.168.1.10:554",
    "rtsp://viewer@192.168.1.10/live",
    "rtsp://viewer:canary@192.168.1.10/192.168.1.1",
    "rtsp://viewer:c@n/a#r?y@192.168.1.10:554/live#backchannel=0",
    "rtsp://viewer:192.168.1.1@192.168.1.10/live",
    "rtsp://192.168.1.1:can/ary@192.168.1.10/live",
    "rtsp://192.168.1.10/live?user=viewer@192.168.1.1/",
    "http://192.168.1.10/flv?user=viewer&password=canary@192.168.1.1",
    "rtsp://192.168.1.10:${PORT:554}/live",
    "rtsp://${USER:a@b}:${PASS}@192.168.1.10/live",
    "ffmpeg:rtsp://192.168.1.10/live#input=rtsp://192.168.1.1/",
    "webrtc:ws://192.168.1.10:1984/api/ws?src=x",
    "flussonic:wss://192.168.1.10/x",
    "  rtsp://192.168.1.10/live\n",
    "exec:ffmpeg -i rtsp://192.168.1.10/live -f rtsp {output}",
    "exec:ffmpeg -i 'rtsp://192.168.1.10/live' -f rtsp rtsp://192.168.1.1/out",
    "exec:vlc rtsp://192.168.1.10/live",
  ])("%s", (text) => {
    expect(cut(text)).toEqual(["192.168.1.10"]);
  });

  test.each([
    "rtsp://127.0.0.1:8554/x",
    "rtsp://localhost/x",
    "rtsp://[::1]/x",
    "homekit://192.168.1.10:51826",
    "nest:?x=192.168.1.10",
    "ffmpeg:device?video=192.168.1.10",
    "ffmpeg:front#audio=opus",
    "/dev/video0",
    "",
    "192.168.1.10",
    "hass:192.168.1.10",
    "nonsense://192.168.1.10/x",
  ])("none in %j", (text) => {
    expect(readSource(text, "go2rtc", none).hosts).toEqual([]);
  });

  test.each([
    ["rtsp://front.local/x", "hostname", "front.local"],
    ["rtsp://192.168.1.256/x", "hostname", "192.168.1.256"],
    ["rtsp://192.168.1.10.example/x", "hostname", "192.168.1.10.example"],
    ["rtsp://viewer:canary@[fd00::1]:554/x", "ipv6", "[fd00::1]"],
    ["rtsp://224.0.0.1/x", "multicast", "224.0.0.1"],
    ["exec:tool --host 192.168.1.10", "not-rewritable", "192.168.1.10"],
    ["rtsp://192.168.1.10:canary/x@host/", "not-rewritable", "***"],
    ["rtsp://viewer:can@ary/x@host/", "hostname", "***"],
    ["rtsp://viewer:can/ary@192.168.1.10.example/x", "hostname", "***"],
  ])("%s is left alone as %s", (text, why, host) => {
    const { hosts } = readSource(text, "go2rtc", none);
    expect(hosts).toMatchObject([{ kind: "left", why, host }]);
    // Only a name that stands there as it is has a place.
    const places = hosts.flatMap((one) => (one.kind === "left" ? (one.at ?? []) : []));
    expect(places.map(({ start, end }) => text.slice(start, end))).toEqual(why === "hostname" && host !== "***" ? [host] : []);
  });

  test("a whole URL is taken apart, never put together", () => {
    expect(urlAt("rtsps://viewer:canary@192.168.1.10:322/a?b#c", 0)).toEqual({
      scheme: "rtsps",
      start: 0,
      end: 42,
      host: "192.168.1.10",
      hostStart: 22,
      hostEnd: 34,
      port: 322,
      hasUserInfo: true,
      path: "/a?b",
      doubtful: false,
    });
  });

  test.each([
    ["rtsp://h/", 554],
    ["rtsps://h/", 554],
    ["http://h/", 80],
    ["https://h:8443/", 8443],
    ["rtmp://h/", 1935],
    ["tapo://h", 8800],
    ["tcp://h:1234", 1234],
    ["gopro://h", undefined],
  ])("%s is reached at port %s", (text, port) => {
    expect(urlsOf(text).map(tcpPort)).toEqual([port]);
  });
});

describe("bare hosts", () => {
  test.each([
    ["192.168.1.10", "192.168.1.10"],
    [" 192.168.1.10 ", "192.168.1.10"],
    ["192.168.1.10:8000", "192.168.1.10"],
    ["192.168.1.10/onvif", "192.168.1.10"],
    ["http://192.168.1.10:80/", "192.168.1.10"],
    ["HTTPS://192.168.1.10", "192.168.1.10"],
  ])("%j", (text, host) => {
    expect(readHost(text, "frigate", none).map((found) => (found.kind === "address" ? text.slice(found.start, found.end) : found))).toEqual(
      [host],
    );
  });

  test.each(["", "127.0.0.1", "localhost", "http://localhost:80", "::1", "two words"])("none in %j", (text) => {
    expect(readHost(text, "frigate", none)).toEqual([]);
  });

  test("IPv6, names and variables are told apart", () => {
    expect(readHost("fd00::10", "frigate", none)).toEqual([{ kind: "left", why: "ipv6", host: "fd00::10" }]);
    expect(readHost("camera.local", "frigate", none)).toEqual([
      { kind: "left", why: "hostname", host: "camera.local", at: { start: 0, end: 12, url: undefined } },
    ]);
    expect(readHost("{FRIGATE_A}", "frigate", none)).toEqual([
      { kind: "left", why: "placeholder", host: "{FRIGATE_A}", variable: "FRIGATE_A" },
    ]);
    expect(readHost("{FRIGATE_A}", "frigate", new Map([["FRIGATE_A", "192.168.1.10:80"]]))).toEqual([
      { kind: "variable", address, variable: "FRIGATE_A", start: 0, end: 12 },
    ]);
  });
});

describe("placeholders", () => {
  const environment = new Map([
    ["FRIGATE_A", "x{y}"],
    ["B", "z"],
  ]);

  test.each([
    ["frigate", "{FRIGATE_A}", "x{y}"],
    ["frigate", "{{output}} {other} }}", "{output} {other} }"],
    ["frigate", "{{FRIGATE_A}}", "{FRIGATE_A}"],
    ["frigate", "{FRIGATE_NONE}", undefined],
    ["frigate", "${B}", undefined],
    ["frigate", "{{ jinja }}", undefined],
    ["frigate-stream", "{FRIGATE_A} ${B} ${C:d:e}", "x{y} z d:e"],
    ["frigate-stream", "${FRIGATE_A:d}", "x{y}"],
    ["frigate-stream", "${NONE}", undefined],
    ["go2rtc", "{FRIGATE_A} {{output}} ${B} ${NONE:}", "{FRIGATE_A} {{output}} z "],
    ["go2rtc", "${NONE}", undefined],
    ["go2rtc", "$B {B}", "$B {B}"],
    ["none", "${NONE} {FRIGATE_NONE}", "${NONE} {FRIGATE_NONE}"],
  ] as const)("%s: %s", (dialect, text, filled) => {
    expect(resolve(text, environment, dialect)).toBe(filled);
  });

  test("every character knows where it comes from", () => {
    const filled = fill("a{FRIGATE_A}{{b", environment, "frigate");
    expect(filled.text).toBe("ax{y}{b");
    expect(filled.origins).toEqual([
      { offset: 0 },
      { variable: "FRIGATE_A", offset: 0 },
      { variable: "FRIGATE_A", offset: 1 },
      { variable: "FRIGATE_A", offset: 2 },
      { variable: "FRIGATE_A", offset: 3 },
      { offset: 13 },
      { offset: 14 },
    ]);
  });

  test("are hidden without moving anything", () => {
    expect(hidePlaceholders("a{b}c${d:e}f", "go2rtc")).toHaveLength(12);
    expect(hidePlaceholders("a{b}c", "none")).toBe("a{b}c");
    expect(placeholderNames("{FRIGATE_A} ${B:c} {{ d }}")).toEqual(["FRIGATE_A", "B", "d"]);
  });

  test.each([
    ["rtsp://{FRIGATE_H}/x", "FRIGATE_H", 0],
    ["{FRIGATE_URL}", "FRIGATE_URL", 21],
    ["ffmpeg:{FRIGATE_URL}#video=copy", "FRIGATE_URL", 21],
  ])("a host inside the variable of %s is found there", (text, variable, start) => {
    const values = new Map([
      ["FRIGATE_H", "192.168.1.10"],
      ["FRIGATE_URL", "rtsp://viewer:canary@192.168.1.10/x"],
    ]);
    expect(readSource(text, "frigate", values).hosts).toEqual([{ kind: "variable", address, variable, start, end: start + 12 }]);
    expect(readSource(text, "frigate", none).hosts).toMatchObject([{ kind: "left", why: "placeholder", variable }]);
  });

  test("a host that a variable and the text share belongs to neither", () => {
    const values = new Map([["FRIGATE_O", "10"]]);
    expect(readSource("rtsp://192.168.1.{FRIGATE_O}/x", "frigate", values).hosts).toEqual([
      { kind: "left", why: "placeholder", host: "192.168.1.10", variable: "FRIGATE_O" },
    ]);
  });

  test("a file with a variable in its name is no camera", () => {
    expect(readSource("/media/{FRIGATE_FILE}.mp4", "frigate", none).hosts).toEqual([]);
    expect(readSource("{FRIGATE_NAME}", "frigate", new Map([["FRIGATE_NAME", "/dev/video0"]])).hosts).toEqual([]);
  });
});

test.each([
  ["ffmpeg:front#audio=opus", "front"],
  ["ffmpeg:front", "front"],
  ["rtsp://127.0.0.1:8554/front?video=copy", "front"],
  ["rtsp://localhost:8554/fr%20ont", "fr ont"],
  ["http://127.0.0.1:1984/api/stream.mp4?mp4=all&src=front", "front"],
  ["rtsp://127.0.0.1:8554/", undefined],
  ["ffmpeg:virtual?video", undefined],
  ["ffmpeg:/media/x.mp4", undefined],
  ["rtsp://192.168.1.10:8554/front", undefined],
])("%s reads the stream %s", (text, link) => {
  expect(readSource(text, "go2rtc", none).link).toBe(link);
});

test("a name that is not well encoded is taken as it stands", () => {
  const [url] = urlsOf("rtsp://127.0.0.1/%zz");
  expect(url === undefined ? undefined : linkedName(url)).toBe("%zz");
});

test.each([
  ["exec:ffmpeg -i x", "command"],
  ["echo:script", "command"],
  ["expr:1", "command"],
  ["rtsp://192.168.1.10/x#raw=-vf transpose=1", "white-space"],
  ["rtsp://192.168.1.10/x\n", "white-space"],
  ["rtsp://192.168.1.10/x", undefined],
])("the API refuses %j: %s", (text, why) => {
  expect(readSource(text, "go2rtc", none).refusedByApi).toBe(why);
});

test("an address is replaced where it is a host, and nowhere else", () => {
  const to = "10.0.0.7" as IpAddress;
  expect(sourceAt("rtsp://viewer:192.168.1.10@192.168.1.10/192.168.1.10", address, to)).toBe(
    "rtsp://viewer:192.168.1.10@10.0.0.7/192.168.1.10",
  );
  expect(sourceAt("rtsp://192.168.1.100/x", address, to)).toBe("rtsp://192.168.1.100/x");
  expect(sourceAt("exec:ffmpeg -i rtsp://192.168.1.10/a -i http://192.168.1.10/b", address, to)).toBe(
    "exec:ffmpeg -i rtsp://10.0.0.7/a -i http://10.0.0.7/b",
  );
  expect(sourceAt("rtsp://viewer:{x}${y}@192.168.1.10/z", address, to)).toBe("rtsp://viewer:{x}${y}@10.0.0.7/z");
  expect(sourceAt("ffmpeg:front#audio=opus", address, to)).toBe("ffmpeg:front#audio=opus");
});

test("a parked stream points at this machine's discard port", () => {
  expect(readSource(QUARANTINE_SOURCE, "none", none).hosts).toEqual([]);
});
