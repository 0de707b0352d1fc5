import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StreamName } from "../../src/domain/camera.ts";
import { seconds } from "../../src/domain/duration.ts";
import { QUARANTINE_SOURCE } from "../../src/domain/stream-source.ts";
import { type StreamServer, StreamServerError } from "../../src/ports/stream-server.ts";

/** A camera that a stream server under test can reach. */
export interface ContractCamera {
  readonly url: string;
  readonly address: string;
  /** Goes away without a word; what is connected to it dies. */
  leave(): Promise<void>;
}

/** One client on a stream that stays until it is closed. */
export interface ContractClient {
  /** Video packets received so far. */
  packets(): number;
  close(): Promise<void>;
}

/** A stream server and the world around it, made anew for each test. */
export interface StreamServerWorld {
  readonly server: StreamServer;
  /** Two cameras of one kind at different addresses, the same path and credentials. */
  readonly cameras: readonly [ContractCamera, ContractCamera];
  /** A third device that has sound alone. */
  readonly microphone: ContractCamera;
  readonly client: (name: StreamName) => Promise<ContractClient>;
  close(): Promise<void>;
}

export interface StreamServerWorldOptions {
  /** Streams of the server's first file, given the URL of the first camera and of the microphone. */
  readonly streams: (url: string, microphone: string) => Readonly<Record<string, readonly string[]>>;
  /** The server cannot save what it is told. */
  readonly unwritable?: boolean;
}

const front = "front" as StreamName;
const signal = new AbortController().signal;
const audio = "ffmpeg:front#audio=opus";

/** What every stream server keeps to: run on the fake and on real ones. */
export function describeStreamServer(title: string, open: (options: StreamServerWorldOptions) => Promise<StreamServerWorld>): void {
  describe(`${title} as a stream server`, () => {
    let world: StreamServerWorld | undefined;
    const start = async (streams: StreamServerWorldOptions["streams"], unwritable = false): Promise<StreamServerWorld> => {
      world = await open({ streams, unwritable });
      return world;
    };
    beforeEach(() => {
      world = undefined;
    });
    afterEach(() => world?.close());

    it("lists idle streams with their sources in order", async () => {
      const { server, cameras } = await start((url) => ({ front: [url], both: [url, audio] }));
      const streams = await server.list(signal);
      expect([...streams.keys()].toSorted()).toEqual(["both", "front"]);
      expect(streams.get("both" as StreamName)).toEqual({ producers: [{ url: cameras[0].url }, { url: audio }], consumers: 0 });
    });

    it("has no picture of a stream whose camera is gone, nor of one that it has not, and nobody stays on it", async () => {
      const { server, cameras } = await start((url) => ({ front: [url] }));
      await cameras[0].leave();
      expect(await server.picture(front, AbortSignal.timeout(20_000))).toBeUndefined();
      expect(await server.picture("nobody" as StreamName, signal)).toBeUndefined();
      expect((await server.list(signal)).get(front)?.consumers).toBe(0);
    });

    it("points one source by PATCH then PUT, and a second time does nothing", async () => {
      const { server, cameras } = await start((url) => ({ front: [url] }));
      expect(await server.point(front, [cameras[1].url], signal)).toEqual({ calls: ["patch", "put"], orphans: false, saved: true });
      expect((await server.list(signal)).get(front)?.producers).toEqual([{ url: cameras[1].url }]);
      expect(await server.configText(signal)).toContain(cameras[1].url);
      const text = await server.configText(signal);
      expect(await server.point(front, [cameras[1].url], signal)).toEqual({ calls: [], orphans: false, saved: true });
      expect(await server.configText(signal)).toBe(text);
    });

    it("does the calls all the same when asked to renew", async () => {
      const { server, cameras } = await start((url) => ({ front: [url] }));
      expect((await server.point(front, [cameras[0].url], signal, true)).calls).toEqual(["patch", "put"]);
    });

    it("leaves a live stream with the right source alone", async () => {
      const { server, cameras, client } = await start((url) => ({ front: [url] }));
      const viewer = await client(front);
      expect((await server.point(front, [cameras[0].url], signal)).calls).toEqual([]);
      expect((await server.list(signal)).get(front)).toMatchObject({ consumers: 1 });
      await viewer.close();
    });

    it("points several connected sources by PUT alone, keeps their order, and says that clients stay behind", async () => {
      const { server, cameras, microphone, client } = await start((url, sound) => ({ front: [url, sound] }));
      const viewer = await client(front);
      const sources = [cameras[1].url, microphone.url];
      expect(await server.point(front, sources, signal)).toEqual({ calls: ["put"], orphans: true, saved: true });
      expect((await server.list(signal)).get(front)?.producers.map(({ url }) => url)).toEqual(sources);
      await viewer.close();
    });

    it("points several idle sources by PUT alone, and leaves nobody behind", async () => {
      const { server, cameras } = await start((url) => ({ front: [url, audio] }));
      expect(await server.point(front, [cameras[1].url, audio], signal)).toEqual({ calls: ["put"], orphans: false, saved: true });
      expect((await server.list(signal)).get(front)?.producers).toEqual([{ url: cameras[1].url }, { url: audio }]);
    });

    it("takes clients along where one of several sources is connected", async () => {
      const { server, cameras, client } = await start((url) => ({ front: [url, audio] }));
      const viewer = await client(front);
      const sources = [cameras[1].url, audio];
      expect(await server.point(front, sources, signal)).toEqual({ calls: ["patch", "put"], orphans: false, saved: true });
      expect((await server.list(signal)).get(front)?.producers.map(({ url }) => url)).toEqual(sources);
      await cameras[0].leave();
      const before = viewer.packets();
      await expect.poll(() => viewer.packets(), { timeout: 10_000 }).toBeGreaterThan(before + 20);
      await viewer.close();
    });

    it("takes clients of one source along when the old camera goes", async () => {
      const { server, cameras, client } = await start((url) => ({ front: [url] }));
      const viewer = await client(front);
      await server.point(front, [cameras[1].url], signal);
      await cameras[0].leave();
      const before = viewer.packets();
      await expect.poll(() => viewer.packets(), { timeout: 10_000 }).toBeGreaterThan(before + 20);
      await viewer.close();
    });

    it("watches video and tells the camera's address", async () => {
      const { server, cameras } = await start((url) => ({ front: [url] }));
      const first = await server.watch(front, 5, seconds(5), signal);
      expect(first.remoteAddress).toBe(cameras[0].address);
      expect(first.videoPackets).toBeGreaterThanOrEqual(5);
      await server.point(front, [cameras[1].url], signal);
      expect((await server.watch(front, 5, seconds(5), signal)).remoteAddress).toBe(cameras[1].address);
    });

    it("watches a stream without camera and reports none", async () => {
      const { server, cameras } = await start((url) => ({ front: [url] }));
      await cameras[0].leave();
      expect(await server.watch(front, 5, seconds(2), signal)).toEqual({ videoPackets: 0 });
    });

    it("goes on showing a dead connection, with packets that stand still", async () => {
      const { server, cameras, client } = await start((url) => ({ front: [url] }));
      const viewer = await client(front);
      await cameras[0].leave();
      const producerNow = async (): Promise<unknown> => (await server.list(signal)).get(front)?.producers[0];
      await expect
        .poll(async () => JSON.stringify(await producerNow()) === JSON.stringify(await producerNow()), { timeout: 3000 })
        .toBe(true);
      expect(await producerNow()).toMatchObject({ remoteAddress: cameras[0].address });
      expect((await server.point(front, [cameras[0].url], signal)).calls).toEqual(["patch", "put"]);
      await viewer.close();
    });

    it("parks a stream in memory alone, and puts it back with its clients", async () => {
      const { server, cameras, client } = await start((url) => ({ front: [url] }));
      const viewer = await client(front);
      const text = await server.configText(signal);
      await cameras[0].leave();
      expect(await server.point(front, [QUARANTINE_SOURCE], signal)).toEqual({ calls: ["patch"], orphans: false, saved: false });
      expect(await server.configText(signal)).toBe(text);
      const before = viewer.packets();
      expect((await server.point(front, [cameras[1].url], signal, true)).calls).toEqual(["patch", "put"]);
      await expect.poll(() => viewer.packets(), { timeout: 10_000 }).toBeGreaterThan(before + 20);
      await viewer.close();
    });

    it("parks several sources at once and restores them all", async () => {
      const { server, cameras } = await start((url) => ({ front: [url, audio] }));
      expect((await server.point(front, [QUARANTINE_SOURCE], signal)).calls).toEqual(["patch"]);
      expect((await server.list(signal)).get(front)?.producers).toEqual([{ url: QUARANTINE_SOURCE }, { url: QUARANTINE_SOURCE }]);
      expect((await server.point(front, [QUARANTINE_SOURCE], signal)).calls).toEqual([]);
      const sources = [cameras[0].url, audio];
      expect((await server.point(front, sources, signal)).calls).toEqual(["put"]);
      expect((await server.list(signal)).get(front)?.producers.map(({ url }) => url)).toEqual(sources);
    });

    it("parks nothing that the server does not have", async () => {
      const { server } = await start((url) => ({ front: [url] }));
      expect((await server.point("other" as StreamName, [QUARANTINE_SOURCE], signal)).calls).toEqual([]);
      expect((await server.list(signal)).has("other" as StreamName)).toBe(false);
    });

    it("points a stream whose path is a stream's name, its own or another's", async () => {
      const { server, cameras, client } = await start((url) => ({ live: [url], front: [url] }));
      const viewer = await client("live" as StreamName);
      expect((await server.point("live" as StreamName, [cameras[1].url], signal)).calls).toEqual(["patch", "put"]);
      expect((await server.point(front, [cameras[1].url], signal)).calls).toEqual(["patch", "put"]);
      await cameras[0].leave();
      const before = viewer.packets();
      await expect.poll(() => viewer.packets(), { timeout: 10_000 }).toBeGreaterThan(before + 20);
      expect((await server.list(signal)).get(front)).toEqual({ producers: [{ url: cameras[1].url }], consumers: 0 });
      await viewer.close();
    });

    it.each(["exec:true", "echo:true", "expr:1", "rtsp://192.0.2.1/a b", ""])("refuses to send %j and changes nothing", async (source) => {
      const { server, cameras } = await start((url) => ({ front: [url] }));
      const text = await server.configText(signal);
      await expect(server.point(front, [cameras[1].url, source], signal)).rejects.toMatchObject({ reason: "ServerRefused" });
      expect((await server.list(signal)).get(front)?.producers).toEqual([{ url: cameras[0].url }]);
      expect(await server.configText(signal)).toBe(text);
    });

    it("tells when the source was taken but not saved", async () => {
      const { server, cameras } = await start((url) => ({ front: [url] }), true);
      expect(await server.point(front, [cameras[1].url], signal)).toEqual({ calls: ["patch", "put"], orphans: false, saved: false });
      expect((await server.list(signal)).get(front)?.producers).toEqual([{ url: cameras[1].url }]);
    });

    it("removes from its file what it stored for a stream of another document", async () => {
      const { server, cameras } = await start((url) => ({ front: [url] }));
      const other = "other" as StreamName;
      const text = await server.configText(signal);
      expect(await server.wouldShadow(front, signal)).toBe(false);
      expect(await server.wouldShadow(other, signal)).toBe(true);
      await server.point(other, [cameras[1].url], signal);
      expect(await server.configText(signal)).toContain(cameras[1].url);
      expect(await server.removeShadows([other, "never" as StreamName], signal)).toEqual([other]);
      expect(await server.configText(signal)).toBe(text);
      expect(await server.removeShadows([other], signal)).toEqual([]);
      expect((await server.list(signal)).get(other)?.producers).toEqual([{ url: cameras[1].url }]);
    });

    it("keeps calls made at once in order", async () => {
      const { server, cameras } = await start((url) => ({ front: [url] }));
      const names = Array.from({ length: 8 }, (_, index) => `cam${String(index)}` as StreamName);
      await Promise.all(names.flatMap((name) => [server.point(name, [cameras[0].url], signal), server.list(signal)]));
      expect([...(await server.list(signal)).keys()].toSorted()).toEqual(["front", ...names].toSorted());
      const text = (await server.configText(signal)) ?? "";
      expect(names.filter((name) => text.includes(`${name}:`))).toEqual(names);
    });

    it("gives an aborted caller its own reason", async () => {
      const { server } = await start((url) => ({ front: [url] }));
      const reason = new Error("enough");
      await expect(server.list(AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    it("says that it is unreachable when it is gone", async () => {
      const opened = await start((url) => ({ front: [url] }));
      await opened.close();
      await expect(opened.server.list(signal)).rejects.toSatisfy(
        (error) => error instanceof StreamServerError && error.reason === "ServerUnreachable",
      );
    });
  });
}
