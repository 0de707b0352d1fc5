import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { RtspPlayer } from "../../../src/adapters/rtsp/player.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { milliseconds, seconds } from "../../../src/domain/duration.ts";
import { LoopbackCamera, type LoopbackCameraOptions } from "../go2rtc/loopback-camera.ts";

const player = new RtspPlayer(createSystemClock());
const signal = new AbortController().signal;

describe("RtspPlayer", () => {
  it("counts video until there is enough and tells when the first packet came", async () => {
    const camera = await filmed({});
    const reading = await player.play({ url: camera.url, enough: 5, within: seconds(5) }, signal);
    expect(reading).toMatchObject({ ended: "enough", videoPackets: 5 });
    expect(reading.firstVideoAfter).toBeGreaterThan(0);
    expect(camera.offers).toHaveLength(3);
  });

  it("does not take RTCP for video", async () => {
    const camera = await filmed({});
    camera.frozen = true;
    expect(await player.play({ url: camera.url, enough: 1, within: milliseconds(1300) }, signal)).toEqual({
      videoPackets: 0,
      ended: "span",
    });
  });

  it("keeps the session up while it is looked at", async () => {
    const camera = await filmed({});
    const counts: number[] = [];
    let last = 0;
    const beforeClosing = async (): Promise<void> => {
      counts.push(last);
      await expect.poll(() => last).toBeGreaterThan((counts[0] ?? 0) + 3);
    };
    await player.play(
      { url: camera.url, enough: 3, within: seconds(5), beforeClosing, onVideo: (packets) => void (last = packets) },
      signal,
    );
    expect(counts).toEqual([3]);
  });

  it("answers Basic only where allowed", async () => {
    const camera = await filmed({ auth: "basic" });
    expect(await player.play({ url: camera.url, enough: 1, within: seconds(5) }, signal)).toMatchObject({ ended: "refused", status: 401 });
    expect(camera.offers).toEqual([]);
    expect(await player.play({ url: camera.url, allowBasic: true, enough: 1, within: seconds(5) }, signal)).toMatchObject({
      ended: "enough",
    });
  });

  it("tries a refused password once", async () => {
    const camera = await filmed({ auth: "deny" });
    expect(await player.play({ url: camera.url, enough: 1, within: seconds(5) }, signal)).toMatchObject({ ended: "refused", status: 401 });
    expect(camera.offers).toHaveLength(1);
  });

  it("ends when nobody is there, when the peer hangs up and when it is no RTSP", async () => {
    const camera = await filmed({});
    await camera.stop();
    expect(await player.play({ url: camera.url, enough: 1, within: seconds(5) }, signal)).toEqual({ videoPackets: 0, ended: "closed" });
    const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => void server.listen(camera.options.port, "127.0.0.2", resolve));
    onTestFinished(() => void server.close());
    expect(await player.play({ url: camera.url, enough: 1, within: seconds(5) }, signal)).toEqual({ videoPackets: 0, ended: "closed" });
  });

  it("gives the reason of the caller's abort, and names no password in its errors", async () => {
    const camera = await filmed({});
    const controller = new AbortController();
    const reason = new Error("enough");
    const onVideo = (): void => controller.abort(reason);
    await expect(player.play({ url: camera.url, enough: Infinity, within: seconds(5), onVideo }, controller.signal)).rejects.toBe(reason);
    await expect(player.play({ url: "http://u:canary-x@h/", enough: 1, within: seconds(1) }, signal)).rejects.toThrow(/^not an RTSP URL$/);
  });
});

async function filmed(options: Partial<LoopbackCameraOptions>): Promise<LoopbackCamera> {
  const camera = new LoopbackCamera({ address: "127.0.0.2", port: 0, username: "viewer", password: "canary-p@ss:w/d#%", ...options });
  await camera.start();
  onTestFinished(() => camera.stop());
  return camera;
}
