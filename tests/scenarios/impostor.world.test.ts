import { describe, expect, test } from "vitest";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import type { RequestRecord } from "../world/behaviour.ts";
import { announceByArp, type Camera } from "../world/camera.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { startImpostor, type ImpostorOptions } from "../world/impostor.ts";
import { epochMilliseconds, pause } from "../world/waiting.ts";
import { mseViewer } from "../world/watchers.ts";
import { begin, expectFrames, expectHealed, fileState, listen, LONG, PATIENCE, sourceHosts, type Listening } from "./scene.ts";

const password = "canary-front-door";
const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password, realm: "IP Camera(C6F0)" };
const garden: HomeCamera = { ...front, name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, moreSources: ["ffmpeg:garden#audio=opus"] };
const stranger = { name: "stranger", mac: "a4:14:37:00:00:07" as MacAddress };
const another = { name: "another", mac: "a4:14:37:00:00:08" as MacAddress };
/** How long an impostor is watched for offers after its stream was parked. */
const VIGIL = LONG ? 60_000 : 3_000;

/** Connections on which go2rtc said its name, which it does not do in every request. */
function connectionsOfGo2rtc(camera: Camera): ReadonlySet<string> {
  return new Set(camera.requests.flatMap(({ agent, peer }) => (agent?.startsWith("go2rtc") === true ? [peer] : [])));
}

/** Requests with a credential or a hash that go2rtc did not make, so that Camera Shepherd did. */
function ours(camera: Camera): readonly RequestRecord[] {
  const others = connectionsOfGo2rtc(camera);
  return camera.offers().filter(({ peer }) => !others.has(peer));
}

/** When go2rtc offered a credential or a hash, ms after `since`. */
function theirs(camera: Camera, since: number): readonly number[] {
  const others = connectionsOfGo2rtc(camera);
  return camera.offers().flatMap(({ peer, at }) => (others.has(peer) ? [at - since] : []));
}

/** The camera loses its power, and at once a stranger takes its address. */
async function takeover(home: Home, address: IpAddress, how: Pick<ImpostorOptions, "auth"> & Partial<ImpostorOptions>): Promise<Camera> {
  await home.camera("front").powerOff();
  return startImpostor(home.lan, { ...stranger, address, announce: false, ...how });
}

/** Whether it took effect the impostor's record tells: go2rtc goes on showing a connection that is long dead. */
async function expectParked(heard: Listening, name = "front"): Promise<void> {
  const told = await heard.hears("the stream to be parked", ({ kind, device }) => kind === "quarantined" && device === name);
  expect(told).toMatchObject({ device: name, streams: [name], exposed: [] });
}

describe("a stranger at the camera's address that asks for", () => {
  test.each(["basic", "digest"] as const)("%s: is never offered anything by us, and by go2rtc not for long", async (auth) => {
    await using home = await startHome({ cameras: [front] });
    await using viewer = mseViewer(home.go2rtc, "front");
    await using heard = await begin(home, ["front"]);
    await viewer.reads.decodesAgain(0, PATIENCE);
    const before = await fileState(home.document);
    const camera = home.camera("front");
    await using impostor = await takeover(home, home.lan.at(20), { auth });
    const first = epochMilliseconds();
    await announceByArp(impostor.host, home.lan.at(20));
    await expectParked(heard);
    await pause(VIGIL);
    expect(ours(impostor)).toEqual([]);
    expect(theirs(impostor, first).filter((after) => after > 2_000)).toEqual([]);
    expect(await fileState(home.document)).toEqual(before);

    // Found elsewhere, the camera has its stream back, and the stranger hears nothing of it.
    const back = epochMilliseconds();
    await camera.powerOn(home.lan.at(70));
    await expectHealed(home, before.text, [[home.lan.at(20), home.lan.at(70)]], [camera]);
    await heard.hears("the stream to be put back", ({ kind }) => kind === "released");
    await viewer.reads.decodesAgain(back, PATIENCE);
    expect(ours(impostor)).toEqual([]);
    expect(theirs(impostor, back)).toEqual([]);
    // The record does tell the two apart: the camera itself was given its password by both.
    expect(new Set(ours(camera).map(({ agent }) => agent))).toEqual(new Set(["camera-shepherd"]));
    expect(theirs(camera, 0)).not.toEqual([]);
  });
});

describe("a stranger at the camera's address", () => {
  test("that answers slowly has one offer in flight; of a stream with several sources none is made after 12 s, and it is said", async () => {
    await using home = await startHome({ cameras: [front, garden] });
    await using viewers = new AsyncDisposableStack();
    const watched = ["front", "garden"].map((name) => viewers.use(mseViewer(home.go2rtc, name)));
    await using heard = await begin(home, ["front", "garden"]);
    for (const viewer of watched) await viewer.reads.decodesAgain(0, PATIENCE);
    for (const camera of home.cameras) await camera.powerOff();
    const silently = { announce: false } as const;
    await using slow = await startImpostor(home.lan, {
      ...stranger,
      ...silently,
      address: home.lan.at(20),
      auth: "digest",
      answerDelay: 3_000,
    });
    await using quick = await startImpostor(home.lan, { ...another, ...silently, address: home.lan.at(21), auth: "basic" });
    const first = epochMilliseconds();
    await Promise.all([announceByArp(slow.host, home.lan.at(20)), announceByArp(quick.host, home.lan.at(21))]);
    await expectParked(heard, "front");
    await expectParked(heard, "garden");
    const said = heard.told().findLast(({ condition }) => condition?.subject === "device/garden")?.condition;
    expect(said).toMatchObject({ status: "problem", reason: "Quarantined" });
    expect(said?.message).toContain("another device (a4:14:37:00:00:08) answers at 192.168.50.21");
    await pause(LONG ? VIGIL : 13_000);
    expect([ours(slow), ours(quick)]).toEqual([[], []]);
    expect(theirs(slow, first).filter((after) => after > 2_000).length).toBeLessThanOrEqual(1);
    expect(theirs(quick, first).filter((after) => after > 12_000)).toEqual([]);
    await home.camera("garden").powerOn(home.lan.at(71));
    await expectFrames(home.go2rtc, "garden", home.lan.at(71));
    const urls = (await home.go2rtc.streams())["garden"]?.producers?.map(({ url }) => url);
    expect(urls).toEqual([`rtsp://viewer:${password}@192.168.50.71/main`, "ffmpeg:garden#audio=opus"]);
  });

  test("leaves again, and the stream is as it was, also when Camera Shepherd was killed meanwhile", async () => {
    await using home = await startHome({ cameras: [front] });
    const before = await fileState(home.document);
    const camera = home.camera("front");
    {
      await using heard = await begin(home, ["front"]);
      await using impostor = await takeover(home, home.lan.at(20), { auth: "basic" });
      await announceByArp(impostor.host, home.lan.at(20));
      await expectParked(heard);
      await heard.kill();
      expect(ours(impostor)).toEqual([]);
    }
    await camera.powerOn();
    expect(await sourceHosts(home.go2rtc, "front")).toEqual(["127.0.0.1"]);
    await using again = listen(home.options);
    await again.hears("the stream to be put back", ({ kind }) => kind === "released");
    await expectFrames(home.go2rtc, "front", home.lan.at(20));
    expect(await fileState(home.document)).toEqual(before);
    expect(again.told().filter(({ kind }) => kind === "moved")).toEqual([]);
  });

  test("is there while Camera Shepherd was killed with the stream parked: the camera is found elsewhere all the same", async () => {
    await using home = await startHome({ cameras: [front] });
    const before = await home.readDocument();
    const camera = home.camera("front");
    await using heard = await begin(home, ["front"]);
    await using impostor = await takeover(home, home.lan.at(20), { auth: "digest" });
    await announceByArp(impostor.host, home.lan.at(20));
    await expectParked(heard);
    await heard.kill();
    await camera.powerOn(home.lan.at(72));
    await using again = listen(home.options);
    await expectHealed(home, before, [[home.lan.at(20), home.lan.at(72)]], [camera]);
    await again.hears("the stream to be put back", ({ kind }) => kind === "released");
    expect(impostor.offers()).toEqual([]);
  });
});
