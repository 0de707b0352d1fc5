import { describe, expect, it } from "vitest";
import { milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import { FakeConfigTarget } from "../fakes/fake-config-target.ts";
import { FakeStreamServer } from "../fakes/fake-stream-server.ts";
import { at, BACK, FakeHome, FRIGATE, FRONT, type HomeCamera, id, mac, movedText, source } from "./fake-home.ts";

/** Both cameras are behind a repeater, which answers for them with its own MAC address. */
const REPEATER = mac("e8:9c:25:00:00:77");
const [ONE, OTHER]: readonly [HomeCamera, HomeCamera] = [
  { ...FRONT, mac: REPEATER },
  { ...BACK, mac: REPEATER },
];

describe("a repeater that answers for several cameras with one MAC address", () => {
  it("two that say nothing of themselves, learned at the same time: only one takes the MAC, the other is refused with the reason", async () => {
    const home = new FakeHome({ cameras: [ONE, OTHER] });
    const silent = { mac: REPEATER, connect: "open", greeting: { kind: "challenge", schemes: ["digest"], realm: "a camera" } } as const;
    for (const { address } of [ONE, OTHER]) home.prober.put(address, { ...silent, delay: milliseconds(100) });
    await home.start();
    const learned = ["front", "back"].filter((name) => home.registry.device(id(name)) !== undefined);
    expect(learned).toHaveLength(1);
    const refused = learned[0] === "front" ? "back" : "front";
    expect(home.status.get(`device/${refused}`)).toMatchObject({ status: "problem", reason: "DuplicateCamera" });
    await home.stop();
  });

  it("two that ONVIF tells apart are both learned, and each is followed by what it says, never to the other's address", async () => {
    const home = new FakeHome({ cameras: [ONE, OTHER] });
    const before = home.text;
    await home.start();
    home.moveSilently(ONE, at(20), at(60));
    await home.pass(minutes(2));
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    expect(home.logins).toEqual([source("front", at(60))]);
    expect(home.registry.device(id("back"))?.address).toBe(at(21));
    await home.stop();
  });

  it("one that says nothing is not taken for the other when it goes", async () => {
    const home = new FakeHome({ cameras: [ONE, OTHER] });
    await home.start();
    home.leave(at(20));
    await home.pass(minutes(10));
    expect(home.document.written).toEqual([]);
    expect(home.logins.filter((url) => url.includes("canary-front"))).toEqual([]);
    await home.stop();
  });
});

describe("a MAC address that the device made up", () => {
  const MADE_UP: HomeCamera = { ...FRONT, mac: mac("0e:79:55:4b:d4:20") };

  it("alone is no proof: the camera is refused elsewhere, and no password goes there", async () => {
    const home = new FakeHome({ cameras: [MADE_UP] });
    const silent = { mac: MADE_UP.mac, connect: "open", greeting: { kind: "challenge", schemes: ["digest"], realm: "a camera" } } as const;
    home.prober.put(at(20), silent);
    await home.start();
    home.leave(at(20));
    home.prober.put(at(60), silent);
    home.hear(MADE_UP, at(60));
    await home.pass(minutes(2));
    expect(home.document.written).toEqual([]);
    expect(home.logins).toEqual([]);
    expect(home.reason("device/front")).toBe("IdentityMissing");
    await home.stop();
  });

  it("with the endpoint reference that was learned is", async () => {
    const home = new FakeHome({ cameras: [MADE_UP] });
    const before = home.text;
    await home.start();
    home.moveByDhcp(MADE_UP, at(20), at(60));
    await home.pass(seconds(20));
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    await home.stop();
  });
});

describe("a recorder with several channels at one address", () => {
  it("is one device: every channel is corrected in one change, after one login", async () => {
    const channels = [1, 2, 3].map((count) => `    channel_${count}: ${source("nvr", at(20), `ch${count}`)}\n`).join("");
    const cameras = [1, 2, 3].map(
      (count) => `  channel_${count}:\n    ffmpeg: { inputs: [{ path: "rtsp://127.0.0.1:8554/channel_${count}" }] }\n`,
    );
    const text = `go2rtc:\n  streams:\n${channels}cameras:\n${cameras.join("")}`;
    const streams = Object.fromEntries([1, 2, 3].map((count) => [`channel_${count}`, [source("nvr", at(20), `ch${count}`)]]));
    const home = new FakeHome({
      cameras: [FRONT],
      targets: [new FakeConfigTarget({ name: "frigate", format: FRIGATE, text })],
      servers: [new FakeStreamServer({ elsewhere: streams })],
    });
    await home.start();
    expect(home.engine.fleet.devices).toHaveLength(1);
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(30));
    expect(home.text).toBe(movedText(text, at(20), at(60)));
    expect([home.document.written.length, home.logins.length]).toEqual([1, 1]);
    for (const count of [1, 2, 3]) expect(await home.sources(`channel_${count}`)).toEqual([source("nvr", at(60), `ch${count}`)]);
    await home.stop();
  });
});

describe("a camera with a wired and a wireless MAC address, both given", () => {
  it("is followed to the other interface", async () => {
    const wireless = mac("0c:79:55:4b:d4:f0");
    const home = new FakeHome({ cameras: [FRONT], options: [{ id: "front", macs: [FRONT.mac, wireless] }] });
    const before = home.text;
    await home.start();
    home.moveByDhcp({ ...FRONT, mac: wireless }, at(20), at(60));
    await home.pass(seconds(20));
    expect(home.text).toBe(movedText(before, at(20), at(60)));
    expect(home.registry.device(id("front"))?.address).toBe(at(60));
    await home.stop();
  });
});
