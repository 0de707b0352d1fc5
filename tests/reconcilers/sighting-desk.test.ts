import { beforeEach, describe, expect, it } from "vitest";
import { numberToIp, type IpAddress, type MacAddress } from "../../src/domain/addresses.ts";
import type { DeviceId } from "../../src/domain/camera.ts";
import { milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import type { Layer } from "../../src/domain/sighting.ts";
import { Fleet } from "../../src/reconcilers/fleet.ts";
import { SightingDesk } from "../../src/reconcilers/sighting-desk.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeStatus } from "../fakes/fake-status.ts";
import { at, BACK, FRIGATE, FRONT, frigateText, id, STRANGER } from "./fake-home.ts";

const front = id("front");
let clock: FakeClock;
let desk: SightingDesk;
let news: (readonly [DeviceId, boolean])[];
let lost: Set<DeviceId>;

beforeEach(async () => {
  clock = new FakeClock();
  news = [];
  lost = new Set();
  const target = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: frigateText([FRONT, BACK]) });
  const registry = new FakeRegistry();
  for (const { name, mac, address } of [FRONT, BACK]) {
    registry.saveDevice({ id: id(name), owners: [`camera:${name}`], identity: { macs: [mac] }, address, history: [], switches: [] });
  }
  const fleet = new Fleet({ targets: [target], cameras: [], registry, status: new FakeStatus() });
  const { text, revision } = await target.read(new AbortController().signal);
  fleet.adopt(target, text, revision);
  desk = new SightingDesk({
    fleet,
    clock,
    onNews: (device, isNews) => void news.push([device, isNews]),
    isLost: (device) => lost.has(device),
  });
});

function see(mac: MacAddress, address: IpAddress, layer: Layer = "dhcp"): void {
  desk.note({ layer, mac, address, at: clock.now() });
}

describe("a sighting", () => {
  it("at a new address is news; the same again is only a reason to look, and from a quiet layer none", () => {
    see(FRONT.mac, at(60), "neighbours");
    see(FRONT.mac, at(60), "neighbours");
    see(FRONT.mac, at(60), "dhcp");
    expect(news).toEqual([
      [front, true],
      [front, false],
    ]);
  });

  it("where the camera is, is news of a lost one alone, but a DHCP request always", () => {
    see(FRONT.mac, at(20), "neighbours");
    expect(news).toEqual([]);
    lost.add(front);
    see(FRONT.mac, at(20), "neighbours");
    lost.clear();
    see(FRONT.mac, at(20), "dhcp");
    expect(news).toEqual([
      [front, false],
      [front, false],
    ]);
    expect(desk.candidates(front, at(20))).toEqual([]);
  });

  it("of another MAC at the camera's address has that camera looked at", () => {
    see(STRANGER, at(20), "neighbours");
    expect(news).toEqual([[front, false]]);
    expect(desk.candidates(front, at(20))).toEqual([]);
  });

  it("of nobody known, or elsewhere, is nothing", () => {
    see(STRANGER, at(60));
    expect(news).toEqual([]);
  });
});

describe("candidates", () => {
  it("are tried the freshest DHCP request first, and not any more after a verdict", async () => {
    see(FRONT.mac, at(60), "neighbours");
    await clock.advance(seconds(1));
    see(FRONT.mac, at(61), "dhcp");
    await clock.advance(seconds(1));
    see(FRONT.mac, at(62), "ask");
    expect(desk.candidates(front, at(20)).map((one) => one.address)).toEqual([at(61), at(62), at(60)]);
    desk.drop(front, at(61));
    expect(desk.candidates(front, at(20)).map((one) => one.address)).toEqual([at(62), at(60)]);
    see(FRONT.mac, at(61), "neighbours");
    expect(news.at(-1)).toEqual([front, true]);
  });

  it("count from the first hint, however often it is repeated", async () => {
    await clock.advance(seconds(5));
    see(FRONT.mac, at(60));
    await clock.advance(seconds(3));
    see(FRONT.mac, at(60));
    expect(desk.hintAt(front, at(60))).toBe(5000);
    desk.drop(front, at(60));
    await clock.advance(seconds(2));
    see(FRONT.mac, at(60));
    expect(desk.hintAt(front, at(60))).toBe(10_000);
  });

  it("are forgotten after ten minutes, and then news again with a hint of their own", async () => {
    see(FRONT.mac, at(60), "neighbours");
    await clock.advance(minutes(11));
    expect(desk.candidates(front, at(20))).toEqual([]);
    see(FRONT.mac, at(60), "neighbours");
    expect(news).toHaveLength(2);
    expect(desk.hintAt(front, at(60))).toBe(minutes(11));
  });

  it("take no more room however many addresses somebody forges", async () => {
    for (let count = 1; count <= 1000; count += 1) {
      await clock.advance(milliseconds(1));
      see(FRONT.mac, numberToIp(0x0a000000 + count));
    }
    expect(desk.candidates(front, at(20))).toHaveLength(16);
    await clock.advance(seconds(1));
    expect(desk.hintAt(front, numberToIp(0x0a000001))).toBe(clock.monotonic());
    desk.forget(front);
    expect(desk.candidates(front, at(20))).toEqual([]);
  });
});
