import { describe, expect, it } from "vitest";
import { hours, minutes, seconds } from "../../src/domain/duration.ts";
import { at, FakeHome, FRONT, mac, movedText, named, source } from "./fake-home.ts";

/** The front camera runs on a battery, and nothing ever answers at its address: it sleeps. */
function sleeping(macs = [FRONT.mac]): FakeHome {
  const home = new FakeHome({ cameras: [FRONT], options: [{ id: "front", macs, battery: true }] });
  home.leave(at(20));
  return home;
}

describe("a battery camera", () => {
  it("is neither searched for nor asked anything in hours, though its stream is watched and dead", async () => {
    const home = sleeping();
    await home.start();
    home.go2rtc.attach(named("front"));
    await home.pass(hours(3));
    expect(home.prober.calls).toEqual([]);
    expect([home.search.asked, home.search.poked]).toEqual([[], []]);
    expect([home.details.askedForTime, home.logins]).toEqual([[], []]);
    expect(home.status.get("device/front")).toMatchObject({ status: "ok", reason: "BatteryCamera" });
    await home.stop();
  });

  it("is proved, followed and left alone again when it announces itself elsewhere", async () => {
    const home = sleeping();
    const before = home.text;
    await home.start();
    home.place(FRONT, at(60));
    home.hear(FRONT, at(60));
    await home.pass(seconds(40));
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    expect(home.logins).toEqual([source("front", at(60))]);
    home.leave(at(60));
    const asked = home.prober.calls.length;
    await home.pass(hours(2));
    expect(home.prober.calls).toHaveLength(asked);
    expect(home.search.asked).toEqual([]);
    await home.stop();
  });

  it("that is gone again before it was proved is not asked further", async () => {
    const home = sleeping();
    await home.start();
    home.hear(FRONT, at(60));
    await home.pass(minutes(1));
    const asked = home.prober.calls.length;
    expect(asked).toBeGreaterThan(0);
    await home.pass(hours(2));
    expect(home.prober.calls).toHaveLength(asked);
    expect([home.search.asked, home.search.poked]).toEqual([[], []]);
    expect(home.status.get("device/front")).toMatchObject({ status: "ok", reason: "BatteryCamera" });
    await home.stop();
  });

  it("of which no MAC address is known is said to need one, and is not asked for it", async () => {
    const home = sleeping([]);
    await home.start();
    expect(home.status.get("device/front")).toMatchObject({ status: "problem", reason: "NotLearnedYet" });
    expect(home.status.get("device/front")?.message).toContain("mac under cameras");
    expect(home.prober.calls).toEqual([]);
    await home.stop();
  });
});

describe("a disabled camera", () => {
  const text = (enabled: string): string =>
    `cameras:\n  front:\n    ${enabled}\n    ffmpeg: { inputs: [{ path: "${source("front", at(20))}" }] }\n` +
    `  other:\n    ffmpeg: { inputs: [{ path: "${source("other", at(99))}" }] }\n`;

  it.each([
    ["by Frigate's document", "enabled: false", []],
    ["by the options", "enabled: true", [{ id: "front", macs: [], enabled: false }]],
  ])("%s is not asked, searched or corrected, and is known as such", async (_name, enabled, options) => {
    const home = new FakeHome({ cameras: [FRONT], options });
    home.document.edit(text(enabled));
    home.place({ name: "other", mac: mac("0c:79:55:4b:d4:99") }, at(99));
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(minutes(30));
    expect(home.prober.calls.filter((call) => "address" in call && call.address !== at(99))).toEqual([]);
    expect(home.document.written).toEqual([]);
    expect(home.engine.fleet.disabled.map(({ title }) => title)).toEqual(["front"]);
    await home.stop();
  });

  it("is corrected with the enabled one on the same device", async () => {
    const home = new FakeHome({ cameras: [FRONT] });
    const both = text("enabled: false").replaceAll(at(99), at(20));
    home.document.edit(both);
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(30));
    expect(home.text).toBe(movedText(both, at(20), at(60)));
    await home.stop();
  });
});
