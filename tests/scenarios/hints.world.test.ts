import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import type { Camera } from "../world/camera.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { start } from "../world/programs.ts";
import { epochMilliseconds, eventually, pause } from "../world/waiting.ts";
import { mseViewer } from "../world/watchers.ts";
import { duplicateAddress } from "../world/wire-faults.ts";
import { begin, expectHealed, fileState, LONG, PATIENCE, sourceHosts, type FileState, type Listening } from "./scene.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front", realm: "IP Camera(C6F0)" };
/** How long a lie has to be resisted. */
const VIGIL = LONG ? 60_000 : 4_000;

/** The camera asks the router for an address, is given it, and does not take it, as cameras with a static address do. */
async function asksInVain(home: Home, camera: Camera, address: IpAddress): Promise<void> {
  await home.lan.router.assign([[camera.mac, address]]);
  const since = epochMilliseconds();
  await using client = start("udhcpc", ["-f", "-q", "-n", "-t", "5", "-T", "1", "-i", "eth0", "-s", join("/", "bin", "true")], {
    namespace: camera.host.namespace,
  });
  await home.capture.acknowledgedAfter(camera.mac, since);
  await client.exited;
}

/** Nothing was switched, written or told to go2rtc. */
async function expectUntouched(home: Home, heard: Listening, before: FileState): Promise<void> {
  expect(heard.told().filter(({ kind }) => ["moved", "stream-pointed", "document-written", "quarantined"].includes(kind))).toEqual([]);
  expect(await fileState(home.document)).toEqual(before);
  expect(await sourceHosts(home.go2rtc, "front")).toEqual([home.lan.at(20)]);
}

function lastCondition(heard: Listening): unknown {
  return heard.told().findLast(({ condition }) => condition?.subject === "device/front")?.condition;
}

describe("a hint that lies", () => {
  test("a camera with a static address that asks DHCP for another one is left where it is", async () => {
    await using home = await startHome({ cameras: [{ ...front, static: true }] });
    await using heard = await begin(home, ["front"]);
    const before = await fileState(home.document);
    for (const n of LONG ? [77, 78, 79] : [77]) {
      await asksInVain(home, home.camera("front"), home.lan.at(n));
      await heard.hears("the address to be refused", ({ kind, evidence }) => kind === "refused" && evidence?.candidate === home.lan.at(n));
    }
    await pause(VIGIL);
    await expectUntouched(home, heard, before);
    expect(lastCondition(heard)).toMatchObject({ status: "ok" });
  });

  test("a camera that has a second address while frames flow from the first is left where it is", async () => {
    await using home = await startHome({ cameras: [{ ...front, static: true }] });
    await using viewer = mseViewer(home.go2rtc, "front");
    await using heard = await begin(home, ["front"]);
    await viewer.reads.decodesAgain(0, PATIENCE);
    const before = await fileState(home.document);
    const camera = home.camera("front");
    await camera.host.addAddress(home.lan.at(77));
    const asked = epochMilliseconds();
    await asksInVain(home, camera, home.lan.at(77));
    await pause(VIGIL);
    await expectUntouched(home, heard, before);
    expect(lastCondition(heard)).toMatchObject({ status: "ok" });
    await viewer.reads.decodesAgain(asked, PATIENCE);
  });

  test("a router that answers ARP for everybody is never taken for the camera, nor for a stranger", async () => {
    await using home = await startHome({ cameras: [{ ...front, static: true }] });
    await using viewer = mseViewer(home.go2rtc, "front");
    await using heard = await begin(home, ["front"]);
    await viewer.reads.decodesAgain(0, PATIENCE);
    const before = await fileState(home.document);
    const camera = home.camera("front");
    await home.lan.router.proxyArp(true);
    await asksInVain(home, camera, home.lan.at(77));
    await camera.powerOff();
    await heard.hears("the camera to be missed", ({ kind }) => kind === "lost");
    await pause(VIGIL);
    await expectUntouched(home, heard, before);
    expect(lastCondition(heard)).not.toMatchObject({ reason: "Quarantined" });
  });

  test("a second device with the camera's address changes nothing as long as the camera delivers", async () => {
    await using home = await startHome({ cameras: [front] });
    await using viewer = mseViewer(home.go2rtc, "front");
    await using heard = await begin(home, ["front"]);
    await viewer.reads.decodesAgain(0, PATIENCE);
    const before = await fileState(home.document);
    await using other = await duplicateAddress(home.lan, "other", "a4:14:37:00:00:07" as MacAddress, home.lan.at(20));
    expect(other.mac).not.toBe(home.camera("front").mac);
    await home.lan.forgetNeighbours();
    await pause(VIGIL);
    expect(heard.told().filter(({ kind }) => kind === "moved" || kind === "document-written")).toEqual([]);
    expect(await fileState(home.document)).toEqual(before);
  });

  test("the right MAC address with another realm is not followed, and is sent nothing", async () => {
    await using home = await startHome({ cameras: [front] });
    await using heard = await begin(home, ["front"]);
    const before = await fileState(home.document);
    const camera = home.camera("front");
    await camera.set({ realm: "Somebody Else" });
    const changed = epochMilliseconds();
    await camera.moveByDhcp(home.lan.at(73));
    const isRefusal = (kind: string, candidate: string | undefined): boolean => kind === "refused" && candidate === home.lan.at(73);
    const { evidence } = await heard.hears("the address to be refused", (told) => isRefusal(told.kind, told.evidence?.candidate));
    expect(evidence).toMatchObject({ verdict: "rejected", reason: "IdentityDiffers" });
    expect(evidence?.steps.find(({ outcome }) => outcome === "failed")?.detail).toContain('"Somebody Else"');
    await pause(VIGIL);
    expect(camera.offers().filter(({ at }) => at > changed)).toEqual([]);
    expect(heard.told().filter(({ kind }) => kind === "moved")).toEqual([]);
    expect(await fileState(home.document)).toEqual(before);
  });
});

describe("a camera that jumps between two addresses", () => {
  test("is followed on four ways back and then frozen", async () => {
    await using home = await startHome({ cameras: [front] });
    await using heard = await begin(home, ["front"]);
    const camera = home.camera("front");
    let [from, to] = [home.lan.at(20), home.lan.at(80)];
    // To the second address for the first time, then four returns.
    for (let move = 0; move < 5; move += 1) {
      const before = await home.readDocument();
      await camera.moveByDhcp(to);
      await expectHealed(home, before, [[from, to]], [camera]);
      await eventually("frames", () => heard.told().filter(({ kind }) => kind === "frames").length > move, PATIENCE);
      [from, to] = [to, from];
    }
    const frozen = await fileState(home.document);
    await camera.moveByDhcp(to);
    await heard.hears("the camera to be frozen", ({ kind }) => kind === "frozen");
    await pause(VIGIL);
    expect(await fileState(home.document)).toEqual(frozen);
    expect(lastCondition(heard)).toMatchObject({ status: "problem", reason: "FlipFlop" });
    expect(heard.told().filter(({ kind }) => kind === "moved")).toHaveLength(5);
  });
});
