import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { StreamServerError } from "../../src/ports/stream-server.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, named, source } from "./fake-home.ts";

/** One camera of two streams. */
const TWO = `go2rtc:
  streams:
    front: ${source("front", at(20))}
    front_sub: ${source("front", at(20), "sub")}
cameras:
  front:
    ffmpeg: { inputs: [{ path: "rtsp://127.0.0.1:8554/front" }, { path: "rtsp://127.0.0.1:8554/front_sub" }] }
`;

function twoStreams(): FakeHome {
  const server = new FakeStreamServer({ elsewhere: { front: [source("front", at(20))], front_sub: [source("front", at(20), "sub")] } });
  return new FakeHome({
    cameras: [FRONT],
    targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: TWO })],
    servers: [server],
  });
}

/** How many times a stream was told anything. */
const told = (home: FakeHome, name: string): number =>
  home.go2rtc.calls.filter(({ call, name: of }) => of === name && (call === "put" || call === "patch")).length;

describe("watching go2rtc", () => {
  it("looks every two seconds while somebody watches, and every five while nobody does", async () => {
    const home = new FakeHome();
    await home.start();
    const lists = (): number => home.go2rtc.calls.filter(({ call }) => call === "list").length;
    const idle = lists();
    await home.pass(seconds(20));
    expect(lists() - idle).toBeLessThanOrEqual(10);
    home.go2rtc.attach(named("front"));
    await home.pass(seconds(6));
    const watched = lists();
    await home.pass(seconds(20));
    expect(lists() - watched).toBeGreaterThanOrEqual(10);
    await home.stop();
  });

  it("asks go2rtc no more often for cameras that nobody watches and that are where they were", async () => {
    const home = new FakeHome({ ports: { interval: seconds(5) } });
    await home.start();
    await home.pass(seconds(20));
    const lists = (): number => home.go2rtc.calls.filter(({ call }) => call === "list").length;
    const idle = lists();
    await home.pass(minutes(1));
    expect(lists() - idle).toBeLessThanOrEqual(13);
    home.go2rtc.attach(named("front"));
    await home.pass(seconds(10));
    const watched = lists();
    await home.pass(minutes(1));
    // The watch every two seconds, and two samples a look: whether frames flow is seen before anything is decided.
    expect(lists() - watched).toBeGreaterThanOrEqual(45);
    await home.stop();
  });

  it("has a camera looked at five seconds after its video stopped, long before the next regular look", async () => {
    const home = new FakeHome({ ports: { interval: minutes(10) } });
    await home.start();
    home.go2rtc.attach(named("front"));
    await home.pass(seconds(20));
    expect(home.reason("stream/go2rtc/front")).toBe("Healthy");
    home.moveSilently(FRONT, at(20), at(60));
    await home.pass(seconds(15));
    expect(home.text).toContain(at(60));
    await home.stop();
  });

  it("repairs the dead stream alone: its living sister keeps its viewers undisturbed", async () => {
    const home = twoStreams();
    await home.start();
    home.go2rtc.attach(named("front"));
    const dead = home.go2rtc.attach(named("front_sub"));
    await home.pass(seconds(10));
    const list = home.go2rtc.list.bind(home.go2rtc);
    home.go2rtc.list = async (signal) => {
      const streams = new Map(await list(signal));
      const sub = streams.get(named("front_sub"));
      const frozen = (sub?.producers ?? []).map((producer) => ({ ...producer, ...(producer.id === undefined ? {} : { videoPackets: 7 }) }));
      if (sub !== undefined) streams.set(named("front_sub"), { ...sub, producers: frozen });
      return streams;
    };
    await home.pass(minutes(5));
    expect(home.status.changes).toContainEqual(expect.objectContaining({ subject: "stream/go2rtc/front_sub", reason: "StreamDead" }));
    expect(told(home, "front_sub")).toBeGreaterThan(0);
    expect(told(home, "front")).toBe(0);
    dead.close();
    await home.stop();
  });

  it("puts right what go2rtc took from an old file at its restart, and tells it no more than that", async () => {
    const home = new FakeHome();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(10));
    home.go2rtc.restart();
    expect(await home.sources("front")).toEqual([source("front", at(20))]);
    await home.pass(seconds(6));
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    const before = [told(home, "front"), told(home, "back")];
    await home.pass(minutes(5));
    expect([told(home, "front"), told(home, "back")]).toEqual(before);
    expect(told(home, "back")).toBe(0);
    await home.stop();
  });

  it("does not touch a source at an address that was never the camera's", async () => {
    const server = new FakeStreamServer({ elsewhere: { front: [source("front", at(99))], back: [source("back", at(21))] } });
    const home = new FakeHome({ servers: [server] });
    await home.start();
    await home.pass(minutes(2));
    expect(await home.sources("front")).toEqual([source("front", at(99))]);
    await home.stop();
  });

  it("corrects after go2rtc was away, and says so meanwhile", async () => {
    const home = new FakeHome();
    await home.start();
    home.go2rtc.setGone(true);
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(20));
    expect(home.reason("server/go2rtc")).toBe("ServerUnreachable");
    expect(home.text).toContain(at(60));
    home.go2rtc.setGone(false);
    await home.pass(seconds(12));
    expect(home.reason("server/go2rtc")).toBe("Healthy");
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    home.go2rtc.failWith(new StreamServerError("ServerRefusesLogin", "wrong password"));
    await home.pass(seconds(6));
    expect(home.status.get("server/go2rtc")).toMatchObject({ status: "problem", reason: "ServerRefusesLogin" });
    await home.stop();
  });

  it("says nothing any more of a stream that is gone", async () => {
    const home = new FakeHome();
    await home.start();
    home.go2rtc.attach(named("back"));
    home.deaf(at(21));
    await home.pass(seconds(30));
    expect(home.reason("stream/go2rtc/back")).toBe("StreamDead");
    home.document.edit(frigateText([FRONT]));
    await home.pass(seconds(30));
    expect(home.reason("stream/go2rtc/back")).toBeUndefined();
    expect(home.status.all().filter(({ status }) => status === "problem")).toEqual([]);
    await home.stop();
  });
});

describe("frames that still flow", () => {
  it("keep a camera where it is, whatever else answers with its MAC", async () => {
    const home = new FakeHome();
    await home.start();
    home.go2rtc.attach(named("front"));
    await home.pass(seconds(10));
    home.place(FRONT, at(60));
    home.hear(FRONT, at(60));
    await home.pass(seconds(20));
    expect(home.text).toBe(frigateText([FRONT, BACK]));
    expect(home.registry.device(FRONT.name as never)?.address).toBe(at(20));
    await home.stop();
  });

  it("of another MAC do not: after a swap of twins the wrong camera's video flows", async () => {
    const home = new FakeHome();
    await home.start();
    home.go2rtc.attach(named("front"));
    await home.pass(seconds(10));
    home.place(BACK, at(20));
    home.place(FRONT, at(21));
    home.hear(FRONT, at(21));
    await home.pass(seconds(10));
    expect(home.registry.device(FRONT.name as never)?.address).toBe(at(21));
    await home.stop();
  });
});
