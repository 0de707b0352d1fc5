import { describe, expect, it, onTestFinished } from "vitest";
import { Go2rtcApi } from "../../../src/adapters/go2rtc/api.ts";
import { CallQueue } from "../../../src/adapters/go2rtc/call-queue.ts";
import { Go2rtcServer } from "../../../src/adapters/go2rtc/server.ts";
import { RtspPlayer } from "../../../src/adapters/rtsp/player.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { Device, StreamName } from "../../../src/domain/camera.ts";
import { seconds } from "../../../src/domain/duration.ts";
import { QUARANTINE_SOURCE } from "../../../src/domain/stream-source.ts";
import { liveStreams } from "../../../src/reconcilers/live-streams.ts";
import { type ContractClient, describeStreamServer } from "../../contract/stream-server.ts";
import { freePort } from "../../free-port.ts";
import { LoopbackCamera, type LoopbackCameraOptions } from "./loopback-camera.ts";
import { type Go2rtcVersion, RealGo2rtc, type RealGo2rtcOptions } from "./real-go2rtc.ts";

const clock = createSystemClock();
const player = new RtspPlayer(clock);
const signal = new AbortController().signal;
const front = "front" as StreamName;
const audio = "ffmpeg:front#audio=opus";
const password = "canary-p@ss:w/d#%";

function serverOf(go2rtc: RealGo2rtc): Go2rtcServer {
  const api = new Go2rtcApi({ baseUrl: go2rtc.url, clock });
  return new Go2rtcServer({ name: "real", api, queue: new CallQueue(), clock, play: (request, stop) => player.play(request, stop) });
}

/** A viewer with every track that go2rtc gives to FFmpeg by default. */
async function viewerOf(go2rtc: RealGo2rtc, name: StreamName): Promise<ContractClient> {
  const stop = new AbortController();
  const first = Promise.withResolvers<void>();
  let packets = 0;
  const onVideo = (count: number): void => {
    packets = count;
    first.resolve();
  };
  const url = `rtsp://127.0.0.1:${String(go2rtc.rtspPort)}/${name}?video&audio`;
  const playing = player.play({ url, enough: Infinity, within: seconds(50), onVideo }, stop.signal).catch(() => undefined);
  await Promise.race([first.promise, playing]);
  return {
    packets: () => packets,
    close: async () => {
      stop.abort();
      await playing;
    },
  };
}

/** Of a JPEG: a frame header (SOF) holds length, precision, height and width (ITU-T T.81, B.2.2). */
function widthOf(jpeg: Uint8Array): number | undefined {
  const bytes = Buffer.from(jpeg);
  const header = [0xc0, 0xc1, 0xc2].map((kind) => bytes.indexOf(Uint8Array.of(0xff, kind))).find((at) => at > 0);
  return header === undefined ? undefined : bytes.readUInt16BE(header + 7);
}

function yamlOf(streams: Readonly<Record<string, readonly string[]>>): string {
  const entries = Object.entries(streams).map(([name, sources]) => `  ${name}:\n${sources.map((source) => `    - ${source}\n`).join("")}`);
  return `# kept\nstreams:\n${entries.join("")}`;
}

for (const version of ["1.9.14", "1.9.9"] as const) {
  describeStreamServer(`go2rtc ${version}`, async ({ streams, unwritable = false }) => {
    const port = await freePort();
    const options = { port, username: "viewer", password };
    const one = await new LoopbackCamera({ ...options, address: "127.0.0.2" }).start();
    const two = await new LoopbackCamera({ ...options, address: "127.0.0.3" }).start();
    const microphone = await new LoopbackCamera({ ...options, address: "127.0.0.4", sound: true }).start();
    const defined = streams(one.url, microphone.url);
    const flow = `streams: ${JSON.stringify(defined)}`;
    const go2rtc = await RealGo2rtc.start({ version, config: unwritable ? flow : yamlOf(defined), inline: unwritable });
    const viewers: ContractClient[] = [];
    return {
      server: serverOf(go2rtc),
      cameras: [
        { url: one.url, address: "127.0.0.2", leave: () => one.stop() },
        { url: two.url, address: "127.0.0.3", leave: () => two.stop() },
      ],
      microphone: { url: microphone.url, address: "127.0.0.4", leave: () => microphone.stop() },
      client: async (name) => {
        const viewer = await viewerOf(go2rtc, name);
        viewers.push(viewer);
        return viewer;
      },
      close: async () => {
        await Promise.all(viewers.map((viewer) => viewer.close()));
        await go2rtc.stop();
        await Promise.all([one.stop(), two.stop(), microphone.stop()]);
      },
    };
  });

  describe(`go2rtc ${version} itself`, () => {
    it("tells its version, RTSP port and file", async () => {
      const go2rtc = await started({ version });
      expect(await serverOf(go2rtc).info(signal)).toEqual({
        version: expectedVersion(version),
        rtspPort: go2rtc.rtspPort,
        configPath: go2rtc.configPath,
      });
    });

    it("offers no credential to an impostor after parking, with one source and with several", async () => {
      for (const others of [[], [audio]]) {
        const camera = await filmed({});
        const go2rtc = await started({ version, config: yamlOf({ front: [camera.url, ...others] }) });
        const server = serverOf(go2rtc);
        const viewer = await viewerOf(go2rtc, front);
        await camera.stop();
        const impostor = await filmed({ port: camera.options.port, auth: "deny" });
        await expect.poll(() => impostor.offers.length, { timeout: 6000 }).toBeGreaterThan(0);
        await server.point(front, [QUARANTINE_SOURCE], signal);
        const before = impostor.offers.length;
        await new Promise((resolve) => setTimeout(resolve, 1500));
        expect(impostor.offers.length - before).toBeLessThanOrEqual(1);
        const connections = impostor.connections;
        await new Promise((resolve) => setTimeout(resolve, 2000));
        expect(impostor.connections).toBe(connections);
        await viewer.close();
        await Promise.all([go2rtc.stop(), impostor.stop()]);
      }
    });

    it("gives the picture that a stream shows, made small", async () => {
      const go2rtc = await started({ version, config: yamlOf({ front: ["ffmpeg:virtual?video=testsrc2&size=1280x720#video=h264"] }) });
      const picture = await serverOf(go2rtc).picture(front, signal);
      expect(picture?.subarray(0, 3)).toEqual(Buffer.of(0xff, 0xd8, 0xff));
      expect(widthOf(picture ?? new Uint8Array())).toBe(640);
    });

    it("PUT alone goes on offering the password through the replaced stream: why parking uses PATCH", async () => {
      const camera = await filmed({});
      const go2rtc = await started({ version, config: yamlOf({ front: [camera.url] }) });
      const viewer = await viewerOf(go2rtc, front);
      await camera.stop();
      const impostor = await filmed({ port: camera.options.port, auth: "deny" });
      await call(go2rtc, "PUT", [
        ["name", front],
        ["src", QUARANTINE_SOURCE],
      ]);
      await expect.poll(() => impostor.offers.length, { timeout: 8000 }).toBeGreaterThan(2);
      await viewer.close();
    });

    it("a new connection for a live stream leaves who watches on the old one, out of reach: why reconnect spares such streams", async () => {
      const camera = await filmed({});
      const go2rtc = await started({ version, config: yamlOf({ front: [camera.url] }) });
      const server = serverOf(go2rtc);
      const device = { streams: [{ name: front, sources: [] }] } as unknown as Device;
      expect(await liveStreams(device, [server], clock, signal)).toEqual([]);
      const viewer = await viewerOf(go2rtc, front);
      expect(await liveStreams(device, [server], clock, signal)).toEqual([{ server: "real", stream: front }]);
      await server.point(front, [camera.url], signal, true);
      expect((await server.list(signal)).get(front)?.consumers).toBe(0);
      const received = viewer.packets();
      await expect.poll(() => viewer.packets(), { timeout: 5000 }).toBeGreaterThan(received);
      await viewer.close();
    });

    it("PATCH aliases a path that is a stream's name: why such a source is sent in another form", async () => {
      const camera = await filmed({});
      const moved = camera.url.replace("127.0.0.2", "127.0.0.3");
      const go2rtc = await started({ version, config: yamlOf({ live: [camera.url], front: [camera.url] }) });
      const list = async (): Promise<Record<string, unknown>> => Object.fromEntries(await serverOf(go2rtc).list(signal));
      await call(go2rtc, "PATCH", [
        ["name", "live"],
        ["src", moved],
      ]);
      expect((await list())["live"]).toEqual({ producers: [{ url: camera.url }], consumers: 0 });
      await call(go2rtc, "PATCH", [
        ["name", "front"],
        ["src", `${moved}#%`],
      ]);
      expect((await list())["front"]).toEqual({ producers: [{ url: `${moved}#%` }], consumers: 0 });
    });

    it("dials a camera once where one of several sources was connected: no loop", async () => {
      const camera = await filmed({});
      const second = await filmed({ port: camera.options.port, address: "127.0.0.3" });
      const go2rtc = await started({ version, config: yamlOf({ front: [camera.url, audio] }) });
      const viewer = await viewerOf(go2rtc, front);
      await serverOf(go2rtc).point(front, [second.url, audio], signal);
      await camera.stop();
      await expect.poll(() => second.connections, { timeout: 5000 }).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(second.connections).toBe(1);
      await viewer.close();
    });

    it("PUT of one source drops the others: why the full list is sent", async () => {
      const camera = await filmed({});
      const go2rtc = await started({ version, config: yamlOf({ front: [camera.url, audio] }) });
      await call(go2rtc, "PUT", [
        ["name", front],
        ["src", camera.url],
      ]);
      expect((await serverOf(go2rtc).list(signal)).get(front)?.producers).toHaveLength(1);
    });

    it("answers 400 to a PUT that it applied, where its file has the section in braces", async () => {
      const camera = await filmed({});
      const go2rtc = await started({ version, config: "streams: {}\n" });
      expect(await serverOf(go2rtc).point(front, [camera.url], signal)).toEqual({ calls: ["put"], orphans: false, saved: false });
      expect(await go2rtc.readConfig()).toBe("streams: {}\n");
    });

    it("takes out only what it stored, byte by byte, whatever is around", async () => {
      const camera = await filmed({});
      const text = `# mine\nrtsp: {default_query: video}\nstreams:\n  # the door\n  door: "rtsp://192.0.2.7/a"   # old\n  yard:\n  - rtsp://192.0.2.8/b\nlog: {level: warn}\n`;
      const go2rtc = await started({ version, config: text });
      const server = serverOf(go2rtc);
      await server.point(front, [camera.url, audio], signal);
      expect(await go2rtc.readConfig()).not.toBe(text);
      expect(await server.removeShadows([front], signal)).toEqual([front]);
      expect(await go2rtc.readConfig()).toBe(text);
    });

    it("leaves no section behind that it made itself", async () => {
      const camera = await filmed({});
      const go2rtc = await started({ version, config: "homekit: {}\n" });
      const server = serverOf(go2rtc);
      await server.point(front, [camera.url], signal);
      await server.removeShadows([front], signal);
      expect(await go2rtc.readConfig()).toBe("homekit: {}\n");
    });
  });
}

describe("go2rtc 1.9.14 alone", () => {
  const version = "1.9.14";

  it("shows a secret of its environment as ***, and is still seen to hold the source", async () => {
    process.env["CANARY_CAMERA"] = "canary-environment";
    const camera = await filmed({ password: "canary-environment" });
    const go2rtc = await started({ version, config: yamlOf({ front: [camera.url.replace("canary-environment", "${CANARY_CAMERA}")] }) });
    delete process.env["CANARY_CAMERA"];
    const server = serverOf(go2rtc);
    expect((await server.list(signal)).get(front)?.producers[0]?.url).toContain(":***@");
    expect((await server.point(front, [camera.url], signal)).calls).toEqual([]);
    expect((await server.point(front, [camera.url.replace("127.0.0.2", "127.0.0.3")], signal)).calls).toEqual(["patch", "put"]);
  });

  it("preloads again what was preloaded, with its old query", async () => {
    const camera = await filmed({});
    const second = await filmed({ port: camera.options.port, address: "127.0.0.3" });
    const go2rtc = await started({ version, config: `${yamlOf({ front: [camera.url] })}preload:\n  front: video\n` });
    const server = serverOf(go2rtc);
    await expect.poll(async () => (await server.list(signal)).get(front)?.consumers, { timeout: 5000 }).toBe(1);
    expect((await server.point(front, [second.url], signal)).calls).toEqual(["patch", "put", "preload"]);
    await expect.poll(async () => (await server.list(signal)).get(front)?.producers[0]?.remoteAddress, { timeout: 5000 }).toBe("127.0.0.3");
    expect(await (await fetch(`${go2rtc.url}/api/preload`)).json()).toMatchObject({ front: { query: "video=" } });
  });

  it("has its refused login and its hidden paths told apart", async () => {
    const guarded = await started({ version, config: "api: {username: admin, password: canary-api, local_auth: true}\n" });
    await expect(serverOf(guarded).list(signal)).rejects.toMatchObject({ reason: "ServerRefusesLogin" });
    const api = new Go2rtcApi({
      baseUrl: guarded.url,
      credentials: { username: "admin", password: { reveal: () => "canary-api" } },
      clock,
    });
    const server = new Go2rtcServer({
      name: "real",
      api,
      queue: new CallQueue(),
      clock,
      play: (request, stop) => player.play(request, stop),
    });
    expect((await server.list(signal)).size).toBe(0);
    const hidden = await started({ version, config: "api: {allow_paths: [/api, /api/streams]}\n" });
    await expect(serverOf(hidden).configText(signal)).rejects.toMatchObject({ reason: "ServerRefused" });
  });
});

async function started(options: RealGo2rtcOptions): Promise<RealGo2rtc> {
  const go2rtc = await RealGo2rtc.start(options);
  onTestFinished(() => go2rtc.stop());
  return go2rtc;
}

async function filmed(options: Partial<LoopbackCameraOptions>): Promise<LoopbackCamera> {
  const port = options.port ?? (await freePort());
  const camera = await new LoopbackCamera({ address: "127.0.0.2", username: "viewer", password, ...options, port }).start();
  onTestFinished(() => camera.stop());
  return camera;
}

async function call(go2rtc: RealGo2rtc, method: string, query: readonly (readonly [string, string])[]): Promise<void> {
  const search = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  const answer = await fetch(`${go2rtc.url}/api/streams?${search}`, { method });
  expect(answer.status).toBe(200);
}

/** Built from the module proxy's copy, go2rtc may add where it was built from. */
function expectedVersion(version: Go2rtcVersion): unknown {
  return expect.stringMatching(new RegExp(`^${version.replaceAll(".", String.raw`\.`)}`));
}
