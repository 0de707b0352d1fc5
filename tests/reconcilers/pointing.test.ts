import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { QUARANTINE_SOURCE } from "../../src/domain/stream-source.ts";
import { TargetError } from "../../src/ports/config-target.ts";
import { type StreamServer, StreamServerError } from "../../src/ports/stream-server.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, id, named, source } from "./fake-home.ts";

const STREAMS = { front: [source("front", at(20))], back: [source("back", at(21))] };

const twoServers = (): FakeHome =>
  new FakeHome({
    servers: [new FakeStreamServer({ name: "one", elsewhere: STREAMS }), new FakeStreamServer({ name: "two", elsewhere: STREAMS })],
  });

const told = (server: FakeStreamServer, name: string): number =>
  server.calls.filter(({ call, name: of }) => of === name && (call === "put" || call === "patch")).length;

describe("pointing streams", () => {
  it("tells every go2rtc, and one that was away as soon as it is back", async () => {
    const home = twoServers();
    await home.start();
    home.server(1).setGone(true);
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(10));
    expect(await home.sources("front", home.servers[0])).toEqual([source("front", at(60))]);
    home.server(1).setGone(false);
    await home.pass(seconds(10));
    expect(await home.sources("front", home.servers[1])).toEqual([source("front", at(60))]);
    const before = told(home.server(0), "front");
    await home.pass(minutes(2));
    expect(told(home.server(0), "front")).toBe(before);
    await home.stop();
  });

  it("sends the full list in order where there are several sources, what is no camera's untouched", async () => {
    const text = `go2rtc:
  streams:
    front:
      - ${source("front", at(20))}
      - ffmpeg:front#audio=opus
      - ${source("front", at(20), "sub")}
cameras: { front: { ffmpeg: { inputs: [{ path: "rtsp://127.0.0.1:8554/front" }] } } }
`;
    const sources = (host: number): readonly string[] => [
      source("front", at(host)),
      "ffmpeg:front#audio=opus",
      source("front", at(host), "sub"),
    ];
    const home = new FakeHome({
      cameras: [FRONT],
      targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })],
      servers: [new FakeStreamServer({ elsewhere: { front: sources(20) } })],
    });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(10));
    expect(await home.sources("front")).toEqual(sources(60));
    const writes = home.go2rtc.calls.filter(({ call }) => call === "put" || call === "patch");
    expect(writes.map(({ call }) => call)).toEqual(["put"]);
    await home.stop();
  });

  it("never sends a stream of a command or with white space; the others of the camera are told", async () => {
    const command = `exec:ffmpeg -i ${source("front", at(20), "raw")} -f rtsp {{output}}`;
    const text = `go2rtc:
  streams:
    front: ${source("front", at(20))}
    front_raw: "${command}"
cameras: { front: { ffmpeg: { inputs: [{ path: "rtsp://127.0.0.1:8554/front" }] } } }
`;
    const home = new FakeHome({
      cameras: [FRONT],
      targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })],
      servers: [new FakeStreamServer({ elsewhere: { front: [source("front", at(20))], front_raw: [command] } })],
    });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    expect(told(home.go2rtc, "front_raw")).toBe(0);
    expect(told(home.go2rtc, "front")).toBeGreaterThan(0);
    expect(home.text).toContain(`-i ${source("front", at(60), "raw")}`);
    expect(home.status.all().find(({ reason }) => reason === "ServerRestartNeeded")?.message).toContain("front_raw");
    await home.stop();
  });
});

describe("a stranger at the camera's address", () => {
  it("is offered no password any more, and the stream is back with the camera", async () => {
    const home = new FakeHome();
    await home.start();
    const viewer = home.go2rtc.attach(named("front"));
    home.stranger(at(20));
    await home.pass(seconds(40));
    expect(home.go2rtc.dialled()).not.toContain(at(20));
    expect(home.registry.quarantines()).toMatchObject([{ server: "go2rtc", stream: "front", sources: [source("front", at(20))] }]);
    expect(home.status.get("device/front")).toMatchObject({ status: "problem", reason: "Quarantined" });
    expect(home.told("quarantined")).toHaveLength(1);
    expect(home.logins).toEqual([]);
    expect(home.text).toBe(frigateText([FRONT, BACK]));
    home.place(FRONT, at(60));
    await home.pass(minutes(1));
    expect(home.registry.quarantines()).toEqual([]);
    expect(home.told("released")).toMatchObject([{ device: "front", streams: ["front"] }]);
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    viewer.close();
    await home.stop();
  });

  it("stays parked through restarts of go2rtc and of this program", async () => {
    const home = new FakeHome();
    await home.start();
    home.stranger(at(20));
    await home.pass(seconds(40));
    home.go2rtc.restart();
    expect(await home.sources("front")).toEqual([source("front", at(20))]);
    await home.pass(seconds(15));
    expect(await home.sources("front")).toEqual([QUARANTINE_SOURCE]);
    await home.stop();
    const next = new FakeHome({ registry: home.registry, servers: home.servers });
    next.stranger(at(20));
    await next.start(seconds(20));
    expect(next.go2rtc.calls.filter(({ call }) => call === "put")).toEqual([]);
    expect(next.registry.quarantines()).toHaveLength(1);
    await next.stop();
  });

  it("stays parked at the server where it is when two servers swap their names in the options, and is put back there", async () => {
    const streams = { front: [source("front", at(20))] };
    const places = ["http://one.invalid:1984", "http://two.invalid:1984"] as const;
    const server = (name: string, place: string, elsewhere: Record<string, readonly string[]>) =>
      new FakeStreamServer({ name, place, elsewhere });
    const home = new FakeHome({ cameras: [FRONT], servers: [server("a", places[0], streams), server("b", places[1], {})] });
    await home.start();
    home.stranger(at(20));
    await home.pass(seconds(40));
    expect(home.registry.quarantines()).toMatchObject([{ server: "a", place: places[0] }]);
    await home.stop();
    const parked = { front: [QUARANTINE_SOURCE] };
    const next = new FakeHome({
      cameras: [FRONT],
      registry: home.registry,
      servers: [server("b", places[0], parked), server("a", places[1], {})],
    });
    next.stranger(at(20));
    await next.start(seconds(20));
    expect(next.registry.quarantines()).toMatchObject([{ server: "b", place: places[0], sources: [source("front", at(20))] }]);
    next.place(FRONT, at(60));
    await next.pass(minutes(1));
    expect(next.registry.quarantines()).toEqual([]);
    expect(await next.sources("front")).toEqual([source("front", at(60))]);
    expect(next.server(1).calls.filter(({ call }) => call !== "list")).toEqual([]);
    await next.stop();
  });

  it("is not offered the password again because a document cannot be read at the next start", async () => {
    const home = new FakeHome();
    await home.start();
    home.stranger(at(20));
    await home.pass(seconds(40));
    await home.stop();
    const target = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: frigateText([FRONT, BACK]) });
    target.failure = new TargetError("DocumentForbidden", "no permission");
    const next = new FakeHome({ registry: home.registry, servers: home.servers, targets: [target] });
    next.stranger(at(20));
    await next.start(seconds(20));
    expect(await next.sources("front")).toEqual([QUARANTINE_SOURCE]);
    expect(next.registry.quarantines()).toHaveLength(1);
    await next.stop();
  });

  it("of a camera that no document names any more gets its stream back only where go2rtc has it", async () => {
    const home = new FakeHome();
    await home.start();
    home.stranger(at(20));
    home.stranger(at(21));
    await home.pass(seconds(40));
    expect(home.registry.quarantines()).toHaveLength(2);
    await home.stop();
    const server = new FakeStreamServer({ elsewhere: { front: [QUARANTINE_SOURCE] } });
    const next = new FakeHome({ cameras: [], registry: home.registry, servers: [server] });
    await next.start(seconds(5));
    expect(next.registry.quarantines()).toEqual([]);
    expect(await next.sources("front")).toEqual([source("front", at(20))]);
    expect(await next.sources("back")).toEqual([]);
    await next.stop();
  });

  it("is named where go2rtc could not be told, and the other go2rtc's viewers are left alone while it is away", async () => {
    const home = twoServers();
    await home.start();
    home.stranger(at(20));
    await home.pass(seconds(40));
    expect(home.registry.quarantines().map(({ server }) => server)).toEqual(["one", "two"]);
    home.server(1).setGone(true);
    home.leave(at(20));
    home.place(FRONT, at(60));
    await home.pass(minutes(1));
    expect(home.registry.quarantines().map(({ server }) => server)).toEqual(["two"]);
    const before = told(home.server(0), "front");
    await home.pass(minutes(10));
    expect(told(home.server(0), "front")).toBe(before);
    home.server(1).setGone(false);
    await home.pass(minutes(1));
    expect(home.registry.quarantines()).toEqual([]);
    expect(await home.sources("front", home.servers[1])).toEqual([source("front", at(60))]);
    await home.stop();
  });

  it("is said to be exposed where parking fails", async () => {
    const server: StreamServer = new FakeStreamServer({ elsewhere: STREAMS });
    const point = server.point.bind(server);
    server.point = (name, sources, signal, renew) =>
      sources[0] === QUARANTINE_SOURCE
        ? Promise.reject(new StreamServerError("ServerRefused", `took the call and did not park ${name}`))
        : point(name, sources, signal, renew);
    const home = new FakeHome({ servers: [server] });
    await home.start();
    home.stranger(at(20));
    await home.pass(minutes(2));
    expect(home.status.get("device/front")).toMatchObject({ reason: "ExposedNotQuarantined", message: expect.stringContaining("front") });
    expect(home.told("quarantined")).toHaveLength(1);
    await home.stop();
  });

  it("is said to be exposed where a source may not be sent: only what can be put back is parked", async () => {
    const text = frigateText([FRONT]).replaceAll("canary-front", "{FRIGATE_UNKNOWN}");
    const home = new FakeHome({ cameras: [FRONT], targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })] });
    await home.start();
    home.stranger(at(20));
    await home.pass(minutes(1));
    expect(told(home.go2rtc, "front")).toBe(0);
    expect(home.told("quarantined")).toMatchObject([{ streams: [], exposed: ["front"] }]);
    await home.stop();
  });

  it("is forgotten with the stream: a person who renames it has no viewers renewed for ever", async () => {
    const home = new FakeHome();
    await home.start();
    home.stranger(at(20));
    await home.pass(seconds(40));
    home.document.edit(frigateText([FRONT, BACK]).replaceAll("front:\n      -", "door:\n      -").replace("8554/front", "8554/door"));
    home.leave(at(20));
    home.place(FRONT, at(20));
    await home.pass(minutes(2));
    expect(home.registry.quarantines()).toEqual([]);
    expect(home.registry.device(id("front"))?.owners).toContain("stream:door");
    await home.stop();
  });
});
