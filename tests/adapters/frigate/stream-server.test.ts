import { afterEach, describe, expect, it } from "vitest";
import { FrigateStreamServer } from "../../../src/adapters/frigate/stream-server.ts";
import { CallQueue } from "../../../src/adapters/go2rtc/call-queue.ts";
import { refusal, showsSources } from "../../../src/adapters/go2rtc/sources.ts";
import { parseStreams } from "../../../src/adapters/go2rtc/streams.ts";
import type { StreamName } from "../../../src/domain/camera.ts";
import { milliseconds } from "../../../src/domain/duration.ts";
import { QUARANTINE_SOURCE } from "../../../src/domain/stream-source.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { FakeFrigate } from "../../fakes/fake-frigate/fake-frigate.ts";
import { FRIGATE_VERSIONS, type FrigateVersion } from "../../fakes/fake-frigate/versions.ts";
import { clientAt } from "./frigates.ts";

const front = "front" as StreamName;
const signal = new AbortController().signal;
const OLD = "rtsp://viewer:canary@192.0.2.20:554/main";
const NEW = "rtsp://viewer:canary@192.0.2.60:554/main";
const TEXT = `mqtt: {enabled: false}
cameras:
  yard:
    ffmpeg: {inputs: [{path: "rtsp://127.0.0.1:8554/front", roles: [detect]}]}
`;

let started: FakeFrigate | undefined;
afterEach(() => started?.stop());

async function open(version: FrigateVersion): Promise<{ readonly fake: FakeFrigate; readonly server: FrigateStreamServer }> {
  const fake = new FakeFrigate({ version, text: TEXT });
  await fake.start();
  started = fake;
  fake.streams.set("front", [OLD]);
  const client = clientAt(fake.url);
  const server = new FrigateStreamServer({
    name: "go2rtc",
    client,
    clock: createSystemClock(),
    queue: new CallQueue(),
    readStreams: parseStreams,
    refusal,
    showsSources,
  });
  return { fake, server };
}

const puts = (fake: FakeFrigate): readonly string[] => fake.calls.flatMap(({ method, url }) => (method === "PUT" ? [url] : []));
const connected = (packets: number) => ({
  producers: [{ id: 1, url: NEW, remote_addr: "192.0.2.60:554", receivers: [{ codec: { codec_type: "video" }, packets }] }],
  consumers: [{ id: 2 }],
});

describe("go2rtc through Frigate", () => {
  it.each(FRIGATE_VERSIONS)("%s: one source is put from 0.17 on, else it is left to the document", async (version) => {
    const { fake, server } = await open(version);
    const puttable = Number(version.split(".")[1]) >= 17;
    const objection = await server.objection(front, [NEW], signal);
    expect(objection).toBe(puttable ? undefined : `${version}-fa4e000 takes no source for front: change the document and restart it`);
    expect(puts(fake)).toEqual([]);
    const outcome = await server.point(front, [NEW], signal).catch((error: unknown) => error);
    expect(outcome).toMatchObject(puttable ? { calls: ["put"], orphans: false, saved: false } : { reason: "ServerRefused" });
    expect(fake.streams.get("front")).toEqual([puttable ? NEW : OLD]);
    expect((await server.list(signal)).get(front)?.producers).toEqual([{ url: (puttable ? NEW : OLD).replace("viewer:canary", "***") }]);
    const again = await server.point(front, [puttable ? NEW : OLD], signal).catch((error: unknown) => error);
    expect(again).toMatchObject(puttable ? { calls: [] } : { reason: "ServerRefused" });
    expect(puts(fake)).toHaveLength(puttable ? 1 : 0);
    expect(fake.calls.filter(({ method, url }) => method === "GET" && /go2rtc\/streams\/./.test(url))).toEqual([]);
  });

  it("never drops a second source, wanted or present", async () => {
    const { fake, server } = await open("0.17.2");
    await expect(server.point(front, [NEW, "ffmpeg:front#audio=opus"], signal)).rejects.toMatchObject({ reason: "ServerRefused" });
    expect(await server.objection(front, [NEW, "ffmpeg:front#audio=opus"], signal)).toContain("takes one source, and front has several");
    fake.streams.set("front", [OLD, "ffmpeg:front#audio=opus"]);
    await expect(server.point(front, [NEW], signal)).rejects.toMatchObject({ reason: "ServerRefused" });
    expect(puts(fake)).toEqual([]);
  });

  it.each(["exec:true", "echo:true", "expr:1", "rtsp://192.0.2.1/a b", "", "rtsp://{FRIGATE_USER}@192.0.2.60/main"])(
    "refuses to send %j",
    async (source) => {
      const { fake, server } = await open("0.18.0");
      await expect(server.point(front, [source], signal)).rejects.toMatchObject({ reason: "ServerRefused" });
      expect(puts(fake)).toEqual([]);
    },
  );

  it("parks what nobody watches, and says that it cannot park what somebody does", async () => {
    const { fake, server } = await open("0.17.2");
    expect(await server.point(front, [QUARANTINE_SOURCE], signal)).toMatchObject({ calls: ["put"] });
    expect(await server.point("other" as StreamName, [QUARANTINE_SOURCE], signal)).toMatchObject({ calls: [] });
    fake.watched.set("front", connected(1));
    await expect(server.point(front, [QUARANTINE_SOURCE], signal, true)).rejects.toMatchObject({ reason: "ServerRefused" });
    expect(puts(fake)).toHaveLength(1);
  });

  it("says that present clients stay behind", async () => {
    const { fake, server } = await open("0.17.2");
    fake.watched.set("front", { ...connected(1), producers: [{ url: NEW }] });
    expect(await server.point(front, [NEW], signal, true)).toMatchObject({ calls: ["put"], orphans: true });
  });

  it("watches packets grow and tells the address", async () => {
    const { fake, server } = await open("0.17.2");
    let packets = 10;
    const timer = setInterval(() => fake.watched.set("front", connected((packets += 30))), 50);
    fake.watched.set("front", connected(packets));
    const outcome = await server.watch(front, 5, milliseconds(3000), signal);
    clearInterval(timer);
    expect(outcome.remoteAddress).toBe("192.0.2.60");
    expect(outcome.videoPackets).toBeGreaterThanOrEqual(5);
  });

  it("takes packets that stand still for no frames, whatever Frigate counted before, and judges nothing by that", async () => {
    const { fake, server } = await open("0.17.2");
    fake.watched.set("front", connected(10));
    fake.stats = { cameras: { yard: { camera_fps: 5 } } };
    await expect(server.watch(front, 5, milliseconds(700), signal)).rejects.toMatchObject({ reason: "ServerRefused" });
  });

  it("takes Frigate's count where go2rtc shows no packets, of the camera that detects on the stream", async () => {
    const { fake, server } = await open("0.17.2");
    fake.stats = { cameras: { yard: { camera_fps: 5 } } };
    expect(await server.watch(front, 5, milliseconds(100), signal)).toEqual({ videoPackets: 5 });
    fake.stats = { cameras: { yard: { camera_fps: 0 }, other: { camera_fps: 5 } } };
    await expect(server.watch(front, 5, milliseconds(100), signal)).rejects.toMatchObject({ reason: "ServerRefused" });
  });

  it("knows nothing of go2rtc's own file, and says when Frigate is gone", async () => {
    const { fake, server } = await open("0.17.2");
    expect(await server.wouldShadow(front, signal)).toBe(false);
    expect(await server.configText(signal)).toBeUndefined();
    expect(await server.removeShadows([], signal)).toEqual([]);
    await expect(server.removeShadows([front], signal)).rejects.toMatchObject({ reason: "ServerRefused" });
    await fake.stop();
    await expect(server.list(signal)).rejects.toMatchObject({ name: "StreamServerError", reason: "ServerUnreachable" });
  });
});
