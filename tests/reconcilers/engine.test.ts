import { describe, expect, it } from "vitest";
import { hours, minutes, seconds } from "../../src/domain/duration.ts";
import { TargetError } from "../../src/ports/config-target.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, frigateText, type HomeCamera, id, mac, movedText, source } from "./fake-home.ts";

const GATE: HomeCamera = { name: "gate", mac: mac("0c:79:55:4b:d4:22"), address: at(22) };

describe("the program on a home", () => {
  it("learns the cameras at their configured addresses without a login", async () => {
    const home = new FakeHome();
    await home.start();
    expect(home.told("learned").map(({ device, address }) => [device, address])).toEqual([
      ["front", at(20)],
      ["back", at(21)],
    ]);
    expect(home.registry.device(id("front"))).toMatchObject({
      identity: { macs: [FRONT.mac], endpoint: "urn:uuid:front", realm: "a camera" },
    });
    expect(home.logins).toEqual([]);
    expect(home.document.written).toEqual([]);
    await home.stop();
  });

  it("heals go2rtc and the document when DHCP moves one, and leaves everything else", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(5));
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    expect(home.document.written).toHaveLength(1);
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    expect(await home.sources("back")).toEqual([source("back", at(21))]);
    expect(home.logins).toEqual([source("front", at(60))]);
    expect(home.reason("device/front")).toBe("Healed");
    expect(home.told("frames")).toMatchObject([{ device: "front", from: at(60) }]);
    await home.pass(minutes(10));
    expect(home.document.written).toHaveLength(1);
    expect(home.registry.openChanges()).toEqual([]);
    await home.stop();
  });

  it("finds one that moved without a word", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.start();
    home.moveSilently(BACK, at(21), at(77));
    await home.pass(seconds(45));
    expect(home.text).toBe(movedText(before, at(21), at(77)));
    await home.stop();
  });

  it("begins to watch over a camera that a person adds, and forgets one that is removed", async () => {
    const home = new FakeHome();
    await home.start();
    home.place(GATE, GATE.address);
    home.leave(at(21));
    await home.pass(minutes(1));
    expect(home.search.asked.length).toBeGreaterThan(1);
    home.document.edit(frigateText([FRONT, GATE]));
    await home.pass(seconds(60));
    expect(home.registry.device(id("gate"))?.address).toBe(at(22));
    expect(home.engine.fleet.devices.map((device) => device.id)).toEqual(["front", "gate"]);
    expect(home.reason("device/back")).toBeUndefined();
    expect(home.status.all().filter(({ subject }) => /\bback\b/.test(subject))).toEqual([]);
    const looks = home.prober.calls.length;
    const asked = home.search.asked.length;
    await home.pass(minutes(5));
    expect(home.prober.calls.slice(looks).filter((call) => "address" in call && call.address === at(21))).toEqual([]);
    expect(home.search.asked).toHaveLength(asked);
    await home.stop();
  });

  it("takes up a document that appears later", async () => {
    const target = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: frigateText([FRONT, BACK]) });
    const { bytes } = target;
    target.bytes = undefined;
    const home = new FakeHome({ targets: [target] });
    await home.start();
    expect(home.reason("target/frigate")).toBe("DocumentMissing");
    expect(home.engine.fleet.devices).toEqual([]);
    target.bytes = bytes;
    await home.pass(seconds(60));
    expect(home.registry.devices().map((record) => record.id)).toEqual(["back", "front"]);
    expect(home.status.get("target/frigate")?.status ?? "ok").toBe("ok");
    await home.stop();
  });

  it("keeps every camera while its document cannot be read, and heals it once it can", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.start();
    home.document.failure = new TargetError("DocumentForbidden", "no permission");
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    expect(home.reason("target/frigate")).toBe("DocumentForbidden");
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    home.document.failure = undefined;
    home.document.edit(`${before}  broken: [`);
    await home.pass(minutes(1));
    expect(home.status.get("target/frigate")).toMatchObject({
      reason: "DocumentUnreadable",
      message: expect.stringContaining("frigate.yml:"),
    });
    expect(home.engine.fleet.devices).toHaveLength(2);
    home.document.edit(before);
    await home.pass(minutes(1));
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    expect(home.status.get("target/frigate")?.status).toBe("ok");
    await home.stop();
  });

  it("goes on after a restart where it was: a moved camera is healed from what was decided before", async () => {
    const first = new FakeHome();
    await first.start();
    first.document.failure = new TargetError("DocumentForbidden", "no permission");
    first.moveByDhcp(FRONT, at(20), at(60));
    await first.pass(seconds(5));
    await first.stop();
    const second = new FakeHome({ registry: first.registry });
    second.moveSilently(FRONT, at(20), at(60));
    await second.start(seconds(20));
    expect(second.text).toBe(movedText(frigateText([FRONT, BACK]), at(20), at(60)));
    expect(await second.sources("front")).toEqual([source("front", at(60))]);
    expect(second.told("moved")).toEqual([]);
    expect(second.search.asked).toEqual([]);
    await second.stop();
  });

  it("does not write in an idle home, whatever time passes", async () => {
    const home = new FakeHome();
    await home.start();
    const writes = new Map(home.registry.writes);
    await home.pass(hours(6));
    expect(home.document.written).toEqual([]);
    expect(home.go2rtc.calls.filter(({ call }) => call === "put" || call === "patch")).toEqual([]);
    for (const [what, count] of home.registry.writes) expect(count - (writes.get(what) ?? 0)).toBeLessThanOrEqual(6);
    expect(home.search.asked).toEqual([]);
    expect(home.search.poked).toEqual([]);
    expect(home.logins).toEqual([]);
    await home.stop();
  });
});

describe("one sync", () => {
  it("ends by itself, with the home right", async () => {
    const home = new FakeHome();
    const before = home.text;
    await home.once();
    expect(home.told("learned")).toHaveLength(2);
    const moved = new FakeHome({ registry: home.registry });
    moved.moveSilently(FRONT, at(20), at(60));
    await moved.once();
    expect(moved.text).toBe(movedText(before, at(20), at(60)));
    expect(moved.told("frames")).toHaveLength(1);
    expect(moved.registry.openChanges()).toEqual([]);
    expect(moved.clock.monotonic()).toBeLessThan(seconds(30));
  });

  it("ends where a camera is nowhere", async () => {
    const home = new FakeHome();
    await home.once();
    const lost = new FakeHome({ registry: home.registry });
    lost.leave(at(20));
    await lost.once();
    expect(lost.reason("device/front")).toBe("Searching");
    expect(lost.search.poked).toHaveLength(1);
    expect(lost.clock.monotonic()).toBeLessThan(seconds(60));
  });

  it("does not wait for frames of a camera that is gone again", async () => {
    const learned = new FakeHome();
    await learned.once();
    const home = new FakeHome({ registry: learned.registry });
    home.moveSilently(FRONT, at(20), at(60));
    home.deaf(at(60));
    const done = home.engine.once(seconds(90), new AbortController().signal);
    await home.pass(seconds(8));
    home.document.edit(frigateText([BACK]));
    await home.clock.advanceUntilIdle(seconds(120));
    await done;
    expect(home.clock.monotonic()).toBeLessThan(seconds(40));
  });

  it("dry: proves and tells, and changes nothing", async () => {
    const learned = new FakeHome();
    await learned.once();
    const home = new FakeHome({ registry: learned.registry, ports: { dryRun: true } });
    const before = home.text;
    home.moveSilently(FRONT, at(20), at(60));
    await home.once();
    expect(home.told("moved")).toMatchObject([{ device: "front", to: at(60) }]);
    expect(home.text).toBe(before);
    expect(home.go2rtc.calls.every(({ call }) => call === "list" || call === "info")).toBe(true);
    expect(home.registry.openChanges()).toEqual([]);
  });

  it("works without any go2rtc", async () => {
    const learned = new FakeHome();
    await learned.once();
    const absent = new FakeStreamServer();
    absent.setGone(true);
    const home = new FakeHome({ registry: learned.registry, servers: [absent] });
    const before = home.text;
    home.moveSilently(FRONT, at(20), at(60));
    await home.once();
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    expect(home.reason("server/go2rtc")).toBe("ServerUnreachable");
  });
});
