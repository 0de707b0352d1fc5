import { describe, expect, it } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { at, BACK, FakeHome, FRONT, GO2RTC, go2rtcText, movedText, named, source } from "./fake-home.ts";
import { FilingServer } from "./filing-server.ts";

const TEXT = go2rtcText([FRONT, BACK]);

function ownHome(text = TEXT, registry = new FakeRegistry(), unconfirmed: ReadonlySet<TargetName> = new Set()) {
  const target = new FakeConfigTarget({ name: "go2rtc", format: GO2RTC, text });
  const server = new FilingServer(target);
  return { target, server, home: new FakeHome({ targets: [target], servers: [server], registry, ports: { unconfirmed } }) };
}

describe("a go2rtc.yaml that go2rtc itself rewrites at our calls", () => {
  it("keeps every byte but the hosts, comments on the rewritten lines included", async () => {
    const { home } = ownHome();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(20));
    expect(home.text).toBe(movedText(TEXT, at(20), at(60)));
    expect(home.registry.openChanges()).toEqual([]);
    await home.stop();
  });

  it("keeps them where several cameras move at once, and each is told by itself", async () => {
    const { home } = ownHome();
    await home.start();
    home.moveSilently(FRONT, at(20), at(60));
    home.moveSilently(BACK, at(21), at(61));
    home.hear(FRONT, at(60));
    home.hear(BACK, at(61));
    await home.pass(seconds(20));
    expect(home.text).toBe(movedText(movedText(TEXT, at(20), at(60)), at(21), at(61)));
    await home.stop();
  });

  it("keeps them after an outage at the same address, after a repair and after a correction", async () => {
    const { home, server } = ownHome();
    await home.start();
    home.leave(at(20));
    await home.pass(minutes(2));
    home.place(FRONT, at(20));
    await home.pass(minutes(1));
    expect(server.calls.some(({ call }) => call === "put")).toBe(true);
    expect(home.text).toBe(TEXT);
    server.calls.length = 0;
    const viewer = server.attach(named("front"));
    home.deaf(at(20));
    await home.pass(minutes(3));
    expect(server.calls.some(({ call }) => call === "put")).toBe(true);
    expect(home.text).toBe(TEXT);
    viewer.close();
    home.place(FRONT, at(20));
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(20));
    const healed = movedText(TEXT, at(20), at(60));
    server.calls.length = 0;
    server.editFile({ front: [source("front", at(20))], back: [source("back", at(21))] });
    server.restart();
    await home.pass(seconds(30));
    expect(server.calls.some(({ call }) => call === "put")).toBe(true);
    expect(home.text).toBe(healed);
    expect(home.registry.openChanges()).toEqual([]);
    await home.stop();
  });

  it("keeps them where go2rtc takes its time", async () => {
    const { home, server } = ownHome();
    await home.start();
    const point = server.point.bind(server);
    server.point = async (name, sources, signal, renew) => {
      await home.clock.wait("slow go2rtc", seconds(25), signal);
      return point(name, sources, signal, renew);
    };
    home.leave(at(20));
    await home.pass(minutes(2));
    home.place(FRONT, at(20));
    await home.pass(minutes(2));
    expect(server.calls.some(({ call }) => call === "put")).toBe(true);
    expect(home.text).toBe(TEXT);
    await home.stop();
  });

  it("is a person's again as soon as nothing is awaited: what they write later is never undone", async () => {
    const { home } = ownHome();
    await home.start();
    home.leave(at(20));
    await home.pass(minutes(1));
    home.place(FRONT, at(20));
    await home.pass(minutes(2));
    const theirs = TEXT.replace("# front's own", "# the one at the door").replace("# mine", "# ours");
    home.document.edit(theirs);
    await home.pass(minutes(1));
    expect(home.text).toBe(theirs);
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    const healed = movedText(theirs, at(20), at(60));
    expect(home.text).toBe(healed);
    const again = healed.replace("# ours", "# all of ours");
    home.document.edit(again);
    await home.pass(minutes(1));
    expect(home.text).toBe(again);
    await home.stop();
  });

  it("that cannot be read does not keep go2rtc from being told", async () => {
    const { home, target } = ownHome();
    await home.start();
    target.edit("streams: [");
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(5));
    expect(await home.sources("front")).toEqual([source("front", at(60))]);
    expect(home.told("frames")).toHaveLength(1);
    await home.stop();
  });

  it("that waits for a person is not written by us, not even to put go2rtc's own changes right", async () => {
    const { home, target } = ownHome(TEXT, new FakeRegistry(), new Set(["go2rtc" as TargetName]));
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(1));
    expect(target.written).toEqual([]);
    expect(home.registry.changes).toEqual([]);
    await home.stop();
  });

  it("is not taken for a person's after a crash in between", async () => {
    const { home, server } = ownHome();
    await home.start();
    const crash = new Error("power cut");
    server.beforeStoring = () => {
      queueMicrotask(() => void home.stop().catch(() => crash));
    };
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(1)).catch(() => undefined);
    const rewritten = TEXT.replace(/ {2}front: .*\n/, `  front:\n    - ${source("front", at(60))}\n`);
    const registry = new FakeRegistry();
    for (const record of home.registry.devices()) registry.saveDevice(record);
    registry.beginChange({ name: "go2rtc" }, TEXT, movedText(TEXT, at(20), at(60)), home.clock.now());
    const next = ownHome(rewritten, registry);
    next.home.moveSilently(FRONT, at(20), at(60));
    await next.home.start(seconds(30));
    expect(next.home.text).toBe(movedText(TEXT, at(20), at(60)));
    expect(registry.openChanges()).toEqual([]);
    await next.home.stop();
  });
});

describe("a change that a crash left open", () => {
  const healed = movedText(TEXT, at(20), at(60));
  async function resumed(text: string, changes: readonly (readonly [target: string, before: string, after: string])[]) {
    const first = ownHome();
    await first.home.start();
    await first.home.stop();
    for (const [target, before, after] of changes) first.home.registry.beginChange({ name: target }, before, after, first.home.clock.now());
    const next = ownHome(text, first.home.registry);
    next.home.moveSilently(FRONT, at(20), at(60));
    await next.home.start(seconds(45));
    expect(next.home.registry.openChanges().filter(({ target }) => target === "go2rtc")).toEqual([]);
    await next.home.stop();
    return next.home;
  }

  it("before anything was written is made again", async () => {
    expect((await resumed(TEXT, [["go2rtc", TEXT, healed]])).text).toBe(healed);
  });

  it("after it was written stands", async () => {
    const home = await resumed(healed, [["go2rtc", TEXT, healed]]);
    expect(home.text).toBe(healed);
    expect(home.document.written).toEqual([]);
  });

  it("with a person's edit after it leaves that edit", async () => {
    const theirs = `${healed}# theirs\n`;
    expect((await resumed(theirs, [["go2rtc", TEXT, healed]])).text).toBe(theirs);
  });

  it("twice of one document is settled; of one that is not there it waits for that", async () => {
    const home = await resumed(TEXT, [
      ["gone", "a", "b"],
      ["go2rtc", "older", "old"],
      ["go2rtc", TEXT, healed],
    ]);
    expect(home.text).toBe(healed);
    expect(home.registry.changes.filter(({ target }) => target === "gone").map(({ state }) => state)).toEqual(["begun"]);
  });
});
