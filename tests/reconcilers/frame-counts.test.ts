import { afterEach, expect, it } from "vitest";
import { type Duration, minutes, seconds } from "../../src/domain/duration.ts";
import { createHomeView } from "../../src/reconcilers/home-view.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeRunningFrigate } from "../fakes/fake-running-frigate.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, FakeHome, FRIGATE, FRONT, frigateText, id, mac, source } from "./fake-home.ts";
import { directText } from "./restart-home.ts";

const SUBJECT = "camera/frigate/cam0";
const CAMERA = { name: "cam0", mac: mac("0c:79:55:4b:d5:00"), address: at(20) };
const homes: FakeHome[] = [];
afterEach(async () => {
  for (const home of homes.splice(0)) await home.stop();
});

interface Settings {
  readonly text?: string;
  readonly servers?: readonly FakeStreamServer[];
  readonly battery?: boolean;
  readonly interval?: Duration;
}

function open({ text = directText([CAMERA]), servers = [], battery = false, interval = seconds(30) }: Settings = {}) {
  const clock = new FakeClock();
  const target = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text });
  const frigate = new FakeRunningFrigate({ text: () => target.text, clock });
  const options = battery ? [{ id: "cam0", macs: [CAMERA.mac], allowBasic: false, enabled: true, battery }] : [];
  const home = new FakeHome({
    cameras: [CAMERA, FRONT],
    targets: [target],
    servers,
    clock,
    options,
    ports: { frigates: [frigate], interval },
  });
  homes.push(home);
  /** How often the camera's address was asked who is there. */
  const asked = () => home.prober.calls.length;
  return { home, frigate, clock, asked };
}

const NONE = { perSecond: 0, isOn: true };

it("a camera that Frigate reads itself is dead without frames for twenty seconds: it is looked at, and well again with the first", async () => {
  const { home, frigate } = open();
  frigate.counted.set("cam0", { perSecond: 5, isOn: true });
  await home.start();
  expect(home.reason(SUBJECT)).toBe("Healthy");
  frigate.counted.set("cam0", { ...NONE, quality: "unusable" });
  await home.pass(seconds(20));
  expect(home.reason(SUBJECT)).toBe("Healthy");
  await home.pass(seconds(20));
  expect(home.status.get(SUBJECT)).toMatchObject({
    status: "problem",
    reason: "StreamDead",
    message: "Frigate at http://fake:5000 gets no video of cam0, connection quality unusable",
  });
  const view = createHomeView({ engine: home.engine, registry: home.registry, status: home.status, servers: [] });
  expect(view.camera("cam0")).toMatchObject({ connected: false });
  frigate.counted.set("cam0", { perSecond: 0.2, isOn: true });
  await home.pass(seconds(10));
  expect(home.reason(SUBJECT)).toBe("Healthy");
  expect(view.camera("cam0")).toMatchObject({ connected: true });
});

it("looks at the device because of it, and at no other time of its own", async () => {
  const { home, frigate, asked } = open({ interval: minutes(30) });
  frigate.counted.set("cam0", { perSecond: 5, isOn: true });
  await home.start(minutes(1));
  const before = asked();
  await home.pass(minutes(2));
  expect(asked()).toBe(before);
  frigate.counted.set("cam0", NONE);
  await home.pass(seconds(45));
  expect(asked()).toBeGreaterThan(before);
});

it("asks every ten seconds at most, and not while Frigate does not answer: nothing is dead then", async () => {
  const { home, frigate } = open();
  frigate.counted.set("cam0", NONE);
  await home.start();
  expect(home.reason(SUBJECT)).toBe("StreamDead");
  const pauses = frigate.framesAsked.slice(1).map((time, index) => time - (frigate.framesAsked[index] ?? 0));
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(seconds(10));
  frigate.end();
  const before = frigate.framesAsked.length;
  await home.pass(minutes(5));
  expect(home.reason(SUBJECT)).toBeUndefined();
  expect(frigate.framesAsked).toHaveLength(before);
});

it("never finds a camera dead that is off, is left out of the counts, or detects on a stream of which go2rtc tells", async () => {
  for (const frames of [{ ...NONE, isOn: false }, undefined, { ...NONE, isRestreamed: true }]) {
    const { home, frigate } = open();
    if (frames !== undefined) frigate.counted.set("cam0", frames);
    await home.start();
    await home.pass(minutes(2));
    expect(home.reason(SUBJECT)).toBeUndefined();
  }
});

it("asks nothing where go2rtc tells all, where the document has the camera off, and of a battery camera", async () => {
  const off = directText([CAMERA]).replace("  cam0:\n", "  cam0:\n    enabled: false\n");
  const way = { why: "named", isByFrigate: false };
  const told = [new FakeStreamServer({ place: "http://fake:5000", way, elsewhere: { front: [source("front", FRONT.address)] } })];
  for (const settings of [{ text: frigateText([FRONT]), servers: told }, { text: off }, { battery: true }]) {
    const { home, frigate } = open(settings);
    await home.start();
    await home.pass(minutes(10));
    expect(home.engine.fleet.documents).toHaveLength(1);
    expect(frigate.framesAsked).toEqual([]);
  }
});

it("counts where go2rtc is reached only through this very Frigate", async () => {
  const way = { why: "through Frigate", isByFrigate: true };
  const streams = { front: [source("front", FRONT.address)] };
  for (const [place, reason] of [
    ["http://fake:5000", "StreamDead"],
    ["http://another:5000", undefined],
  ] as const) {
    const { home, frigate } = open({ text: frigateText([FRONT]), servers: [new FakeStreamServer({ place, way, elsewhere: streams })] });
    frigate.counted.set("front", { ...NONE, isRestreamed: true });
    await home.start();
    await home.pass(minutes(2));
    expect(home.reason("camera/frigate/front")).toBe(reason);
    expect(home.engine.fleet.device(id("front"))).toBeDefined();
  }
});
