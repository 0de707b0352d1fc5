import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isIdle, parseInfo, parsePreloads, parseStreams } from "../../../src/adapters/go2rtc/streams.ts";
import type { StreamName } from "../../../src/domain/camera.ts";

function golden(name: string): string {
  return readFileSync(new URL(`../../golden/go2rtc/${name}.json`, import.meta.url), "utf8");
}

const front = "front" as StreamName;
const idle = "idle" as StreamName;

describe("parseInfo", () => {
  it.each([
    ["1.9.14", "/config/go2rtc.yaml"],
    ["1.9.9", "/config/go2rtc.yaml"],
    ["1.9.2", "/dev/shm/go2rtc.yaml"],
  ])("reads version %s", (version, configPath) => {
    expect(parseInfo(golden(`info-${version}`))).toEqual({ version, configPath, rtspPort: 8554 });
  });

  it("knows a server without file and one without RTSP", () => {
    expect(parseInfo('{"version":"1.9.14","rtsp":{"listen":""}}')).toEqual({ version: "1.9.14", rtspPort: 0 });
    expect(parseInfo('{"version":"1.9.14","rtsp":{"listen":"192.0.2.9:18554"}}')).toEqual({ version: "1.9.14", rtspPort: 18_554 });
    expect(parseInfo('{"version":"1.9.14"}')).toEqual({ version: "1.9.14", rtspPort: 8554 });
  });

  it.each(["", "null", "[]", "{}", '{"version":1}', "<html>"])("refuses %j", (text) => {
    expect(parseInfo(text)).toBeUndefined();
  });
});

describe("parseStreams", () => {
  it.each(["1.9.14", "1.9.9"])("reads the list of %s", (version) => {
    const streams = parseStreams(golden(`streams-${version}`));
    const [producer] = streams?.get(front)?.producers ?? [];
    expect(producer).toMatchObject({ id: 2, url: "rtsp://viewer:canary-golden@192.0.2.7:554/live", remoteAddress: "192.0.2.7" });
    expect(producer?.videoPackets).toBeGreaterThan(50);
    expect(producer?.videoBytes).toBe(12_400);
    expect(streams?.get(front)?.consumers).toBe(version === "1.9.14" ? 2 : 1);
    expect(streams?.get(idle)).toEqual({
      producers: [{ url: "rtsp://viewer:canary-golden@192.0.2.7:554/live#backchannel=0" }, { url: "ffmpeg:idle#audio=opus" }],
      consumers: 0,
    });
    expect(streams?.get("empty" as StreamName)).toEqual({ producers: [], consumers: 0 });
    expect(streams?.get(idle)?.producers.map(isIdle)).toEqual([true, true]);
    expect(producer !== undefined && isIdle(producer)).toBe(false);
  });

  it("reads the list of 1.9.2, which counts bytes and writes receivers as text", () => {
    expect(parseStreams(golden("streams-1.9.2"))).toEqual(
      new Map([
        [
          "front",
          {
            producers: [
              {
                url: "rtsp://viewer:canary-golden@192.0.2.7:554/live",
                remoteAddress: "192.0.2.7",
                videoPackets: 1000,
                videoBytes: 1_400_000,
              },
              { url: "ffmpeg:front#audio=opus" },
            ],
            consumers: 1,
          },
        ],
        ["idle", { producers: [{ url: "rtsp://viewer:canary-golden@192.0.2.7:554/sub" }], consumers: 0 }],
        ["locked", { producers: [], consumers: 0 }],
      ]),
    );
  });

  it.each([
    ["192.0.2.7:554", "192.0.2.7"],
    ["192.0.2.7:8000 forwarded 198.51.100.1:40", "192.0.2.7"],
    ["udp 192.0.2.7:554", "192.0.2.7"],
    ["[::ffff:192.0.2.7]:554", "192.0.2.7"],
    ["[2001:db8::1]:554", undefined],
    ["999.0.2.7:554", undefined],
    ["192.0.2.7.9:554", undefined],
    ["", undefined],
  ])("takes the address of %j", (remote, address) => {
    const text = JSON.stringify({ front: { producers: [{ url: "rtsp://x", remote_addr: remote }], consumers: null } });
    expect(parseStreams(text)?.get(front)?.producers[0]?.remoteAddress).toBe(address);
  });

  it("counts video only, over all receivers", () => {
    const receivers = [
      { codec: { codec_type: "video" }, packets: 5 },
      { codec: { codec_type: "audio" }, packets: 70 },
      { codec: { codec_type: "video" } },
      { packets: 9 },
      null,
      3,
    ];
    const text = JSON.stringify({ front: { producers: [{ id: 1, url: "u", receivers }] } });
    expect(parseStreams(text)?.get(front)?.producers[0]?.videoPackets).toBe(5);
  });

  it.each(["", "[]", "null", "1", '{"a":', "404 page not found"])("refuses %j", (text) => {
    expect(parseStreams(text)).toBeUndefined();
  });

  it("never throws, whatever a field holds", () => {
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom("192.0.2.7:554", "96 H264, bytes=99999999999999999999", -1, 1e300));
    const producer = fc.record(
      { id: field, url: field, remote_addr: field, receivers: fc.oneof(field, fc.array(field)) },
      { requiredKeys: [] },
    );
    const stream = fc.oneof(field, fc.record({ producers: fc.oneof(field, fc.array(fc.oneof(producer, field))), consumers: field }));
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(fc.string(), stream), fc.jsonValue()), (json) => {
        for (const state of parseStreams(JSON.stringify(json))?.values() ?? []) {
          for (const { videoPackets = 0 } of state.producers) expect(Number.isSafeInteger(videoPackets) && videoPackets >= 0).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("parsePreloads", () => {
  it("reads the queries", () => {
    expect(parsePreloads(golden("preload-1.9.14"))).toEqual(new Map([["front", "video"]]));
    expect(parsePreloads('{"a":null,"b":{"query":3}}').size).toBe(0);
    expect(parsePreloads("404 page not found").size).toBe(0);
  });
});
