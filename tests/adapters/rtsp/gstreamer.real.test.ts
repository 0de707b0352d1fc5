import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RtspPlayer } from "../../../src/adapters/rtsp/player.ts";
import { RtspDescribeProber } from "../../../src/adapters/rtsp/prober.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { IpAddress } from "../../../src/domain/addresses.ts";
import { seconds } from "../../../src/domain/duration.ts";
import { freePort } from "../../free-port.ts";

const clock = createSystemClock();
const prober = new RtspDescribeProber(clock);
const player = new RtspPlayer(clock);
const host = "127.0.0.1" as IpAddress;
const signal = new AbortController().signal;
const password = `canary-${randomBytes(6).toString("hex")}`;

describe("GStreamer's RTSP server with Digest", () => {
  let camera: ChildProcess;
  let port: number;
  const url = (secret = password, path = "/main"): string => `rtsp://viewer:${secret}@${host}:${String(port)}${path}`;

  beforeAll(async () => {
    port = await freePort();
    const script = fileURLToPath(new URL("../../world/gstreamer-camera.py", import.meta.url));
    const child = spawn("/usr/bin/python3", [script, String(port), "/main", "a realm"], { stdio: ["pipe", "pipe", "ignore"] });
    camera = child;
    child.stdin.write(`viewer ${password}\n`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.stdout.on("data", (text: Buffer) => text.toString().includes("ready") && resolve());
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`it ended with ${String(code)}`)));
    await promise;
  });

  afterAll(() => {
    camera.kill("SIGKILL");
  });

  it("greets with its realm", async () => {
    expect(await prober.greeting(host, port, "/main", seconds(5), signal)).toEqual({
      kind: "challenge",
      schemes: ["digest"],
      realm: "a realm",
      server: "GStreamer RTSP server",
    });
  });

  it("accepts the right password and no other", async () => {
    expect(await prober.login(url(), false, seconds(10), signal)).toBe("accepted");
    expect(await prober.login(url("canary-wrong"), false, seconds(10), signal)).toBe("unauthorized");
    expect(await prober.login(url(password, "/nothing"), false, seconds(10), signal)).toBe("not-found");
  });

  it("plays video", async () => {
    const reading = await player.play({ url: url(), enough: 20, within: seconds(10) }, signal);
    expect(reading).toMatchObject({ ended: "enough" });
    expect(reading.videoPackets).toBeGreaterThanOrEqual(20);
    expect(reading.firstVideoAfter).toBeLessThan(seconds(10));
  });

  it("refuses to play to a stranger", async () => {
    expect(await player.play({ url: url("canary-wrong"), enough: 1, within: seconds(10) }, signal)).toEqual({
      videoPackets: 0,
      ended: "refused",
      status: 401,
    });
  });
});
