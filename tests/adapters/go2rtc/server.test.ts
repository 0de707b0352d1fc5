import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { Go2rtcApi } from "../../../src/adapters/go2rtc/api.ts";
import { CallQueue } from "../../../src/adapters/go2rtc/call-queue.ts";
import { Go2rtcServer } from "../../../src/adapters/go2rtc/server.ts";
import type { StreamPlayer } from "../../../src/adapters/go2rtc/stream-player.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { StreamName } from "../../../src/domain/camera.ts";
import { seconds } from "../../../src/domain/duration.ts";

const clock = createSystemClock();
const signal = new AbortController().signal;
const front = "front" as StreamName;
const source = "rtsp://viewer:canary-x@192.0.2.8:554/live";

describe("Go2rtcServer", () => {
  it("sends several sources to no version that would drop all but the first", async () => {
    const { server, requests } = await serve((path) => (path === "/api" ? golden("info-1.9.2") : golden("streams-1.9.2")));
    await expect(server.point(front, [source, "ffmpeg:front#audio=opus"], signal)).rejects.toMatchObject({
      reason: "ServerRefused",
      message: expect.stringContaining("1.9.2 takes one source a call"),
    });
    expect(requests.filter((line) => !line.startsWith("GET "))).toEqual([]);
  });

  it("says masked what go2rtc answered to a source that it did not take", async () => {
    const { server } = await serve((_path, request) =>
      request.method === "GET" ? golden("streams-1.9.9") : { status: 400, text: `bad source ${source}` },
    );
    await expect(server.point("idle" as StreamName, [source, "ffmpeg:idle"], signal)).rejects.toMatchObject({ reason: "ServerRefused" });
    const { server: again } = await serve((path, request) => {
      if (path === "/api") return golden("info-1.9.14");
      return request.method === "GET" ? golden("streams-1.9.9") : { status: 400, text: `bad source ${source}` };
    });
    await expect(again.point("idle" as StreamName, [source, "ffmpeg:idle"], signal)).rejects.toMatchObject({
      message: expect.stringMatching(/did not take the source of idle \(400: bad source rtsp:\/\/\*\*\*@192\.0\.2\.8:554\/live\)/),
    });
  });

  it.each([
    [401, "ServerRefusesLogin"],
    [403, "ServerRefused"],
    [404, "ServerRefused"],
    [302, "ServerRefused"],
    [500, "ServerRefused"],
  ])("reads %i as %s", async (status, reason) => {
    const { server } = await serve(() => ({ status, text: "no" }));
    await expect(server.list(signal)).rejects.toMatchObject({ reason });
    await expect(server.info(signal)).rejects.toMatchObject({ reason });
  });

  it("tells another program from go2rtc", async () => {
    const { server } = await serve(() => ({ status: 200, text: "<html>" }));
    await expect(server.info(signal)).rejects.toMatchObject({
      reason: "ServerRefused",
      message: expect.stringContaining("url under go2rtc"),
    });
  });

  it("reads an answer without end no further than its limit", async () => {
    const { server } = await serve(() => ({ status: 200, text: "x".repeat(9 * 1024 * 1024) }));
    await expect(server.list(signal)).rejects.toMatchObject({ message: expect.stringContaining("without end") });
  });

  it("names no password when nobody answers", async () => {
    const { server, close } = await serve(() => golden("streams-1.9.9"));
    close();
    const error: unknown = await server.point(front, [source], signal).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reason: "ServerUnreachable", message: expect.stringContaining("ECONNREFUSED") });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("canary");
  });

  it("logs in with Basic and shows neither password nor base path slash", async () => {
    const seen: (string | undefined)[] = [];
    const { server, base } = await serve((_path, request) => {
      seen.push(request.headers.authorization);
      return golden("streams-1.9.14");
    }, "/sub/");
    await server.list(signal);
    expect(seen).toEqual([`Basic ${Buffer.from("admin:canary-api").toString("base64")}`]);
    expect(server.place).toBe(`${base}/sub`);
  });

  it("watches the stream by name with video alone, and asks for the address while connected", async () => {
    const urls: string[] = [];
    const play: StreamPlayer = async ({ url, beforeClosing }) => {
      urls.push(url);
      await beforeClosing();
      return { videoPackets: 7 };
    };
    const { server, requests } = await serve((path) => (path === "/api" ? golden("info-1.9.14") : golden("streams-1.9.14")), "", play);
    expect(await server.watch(front, 5, seconds(1), signal)).toEqual({ videoPackets: 7, remoteAddress: "192.0.2.7" });
    expect(await server.watch("my door" as StreamName, 5, seconds(1), signal)).toEqual({ videoPackets: 7 });
    expect(urls).toEqual(["rtsp://127.0.0.1:8554/front?video", "rtsp://127.0.0.1:8554/my%20door?video"]);
    expect(requests).not.toContainEqual(expect.stringContaining("src="));
  });
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

function golden(name: string): Answer {
  return { status: 200, text: readFileSync(new URL(`../../golden/go2rtc/${name}.json`, import.meta.url), "utf8") };
}

const noPlay: StreamPlayer = async () => ({ videoPackets: 0 });

async function serve(
  answer: (path: string, request: IncomingMessage) => Answer,
  basePath = "",
  play = noPlay,
): Promise<{ readonly server: Go2rtcServer; readonly requests: string[]; readonly base: string; readonly close: () => void }> {
  const requests: string[] = [];
  const http = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${String(request.method)} ${String(request.url)}`);
    const { status, text } = answer((request.url ?? "").split("?", 1)[0] ?? "", request);
    response.writeHead(status, { location: "http://127.0.0.1:1/", connection: "close" }).end(text);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  http.listen(0, "127.0.0.1", resolve);
  await promise;
  const close = (): void => {
    http.close();
    http.closeAllConnections();
  };
  onTestFinished(close);
  const address = http.address();
  const base = `http://127.0.0.1:${String(typeof address === "object" && address !== null ? address.port : 0)}`;
  const credentials = { username: "admin", password: { reveal: () => "canary-api" } };
  const api = new Go2rtcApi({ baseUrl: `${base}${basePath}`, credentials, clock });
  return { server: new Go2rtcServer({ name: "one", api, queue: new CallQueue(), clock, play }), requests, base, close };
}
