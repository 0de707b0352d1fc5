import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { TargetError } from "../../src/ports/config-target.ts";
import { StreamServerError } from "../../src/ports/stream-server.ts";
import { Shadows } from "../../src/reconcilers/shadows.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, FakeHome, FRONT, named, source } from "./fake-home.ts";

const never = new AbortController().signal;
const file = (home: FakeHome): Promise<string | undefined> => home.go2rtc.configText(never);

describe("what go2rtc stores in its own file at our calls", () => {
  it("stays while the document is wrong, and is removed once it is right", async () => {
    const home = new FakeHome();
    await home.start();
    home.document.failure = new TargetError("DocumentForbidden", "no permission");
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    expect(await file(home)).toContain(source("front", at(60)));
    expect(home.registry.shadows()).toEqual([{ server: "go2rtc", place: home.go2rtc.place, stream: "front" }]);
    home.document.failure = undefined;
    await home.pass(seconds(30));
    expect(home.text).toContain(at(60));
    expect(await file(home)).toBe("streams:\n");
    expect(home.registry.shadows()).toEqual([]);
    home.go2rtc.restart();
    await home.pass(seconds(10));
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    await home.stop();
  });

  it("is found after a crash, and after go2rtc was away", async () => {
    const home = new FakeHome();
    await home.start();
    home.document.failure = new TargetError("DocumentForbidden", "no permission");
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(10));
    await home.stop();
    const next = new FakeHome({ registry: home.registry, servers: home.servers });
    next.moveSilently(FRONT, at(20), at(60));
    next.go2rtc.setGone(true);
    await next.start(minutes(1));
    expect(next.registry.shadows()).toHaveLength(1);
    next.go2rtc.setGone(false);
    await next.pass(minutes(1));
    expect(next.registry.shadows()).toEqual([]);
    expect(await file(next)).toBe("streams:\n");
    await next.stop();
  });

  it("is on record before go2rtc is told, for a crash in between", async () => {
    const home = new FakeHome();
    await home.start();
    const recorded: number[] = [];
    const point = home.go2rtc.point.bind(home.go2rtc);
    home.go2rtc.point = (...call) => {
      recorded.push(home.registry.shadows().length);
      return point(...call);
    };
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(10));
    expect(recorded).toEqual([1]);
    await home.stop();
  });

  it("is left where that file is the one that defines the stream", async () => {
    const streams = { front: [source("front", at(20))], back: [source("back", at(21))] };
    const home = new FakeHome({ servers: [new FakeStreamServer({ streams })] });
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    expect(home.registry.shadows()).toEqual([]);
    expect(home.go2rtc.calls.filter(({ call }) => call === "remove")).toEqual([]);
    expect(await file(home)).toContain(source("front", at(60)));
    await home.stop();
  });

  it("does not keep a camera from being healed where go2rtc hides its file", async () => {
    const home = new FakeHome();
    home.go2rtc.wouldShadow = () => Promise.reject(new StreamServerError("ServerRefused", "api.allow_paths"));
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(10));
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    expect(home.registry.shadows()).toEqual([]);
    await home.stop();
  });

  it("keeps its record where an older entry is removed while the stream is told anew", async () => {
    const home = new FakeHome();
    await home.start();
    home.document.failure = new TargetError("DocumentForbidden", "no permission");
    const point = home.go2rtc.point.bind(home.go2rtc);
    home.go2rtc.point = (name, ...rest) => {
      home.registry.removeShadow({ server: "go2rtc", stream: name });
      return point(name, ...rest);
    };
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(10));
    expect(await file(home)).toContain(source("front", at(60)));
    expect(home.registry.shadows()).toHaveLength(1);
    await home.stop();
  });

  it("of a parked stream stays until it is back", async () => {
    const server = new FakeStreamServer({ streams: { front: [source("front", at(20))] } });
    const registry = new FakeRegistry();
    registry.addShadow({ server: "go2rtc", stream: named("front") });
    registry.saveQuarantine({ server: "go2rtc", stream: named("front"), device: "front" as never, sources: [], at: 0 as never });
    expect(await new Shadows({ servers: [server], registry }).reconcile("go2rtc", never)).toEqual({});
    expect(server.calls).toEqual([]);
  });
});
