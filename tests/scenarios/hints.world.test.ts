import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import type { Camera } from "../world/camera.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { start } from "../world/programs.ts";
import { epochMilliseconds, eventually, pause } from "../world/waiting.ts";
import { mseViewer } from "../world/watchers.ts";
import { duplicateAddress } from "../world/wire-faults.ts";
import { begin, expectHealed, fileState, LONG, PATIENCE, sourceHosts, type FileState, type Listening, type Told } from "./scene.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front", realm: "IP Camera(C6F0)" };
const garden: HomeCamera = { ...front, name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress };
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

function lastCondition(heard: Listening, name = "front"): unknown {
  return heard.told().findLast(({ condition }) => condition?.subject === `device/${name}`)?.condition;
}

describe("a hint that lies", () => {
  test("a camera that asks DHCP for another address is left where it is, whether it never takes it or has it beside the old one", async () => {
    await using home = await startHome({
      cameras: [
        { ...front, static: true },
        { ...garden, static: true },
      ],
    });
    await using viewer = mseViewer(home.go2rtc, "garden");
    await using heard = await begin(home, ["front", "garden"]);
    await viewer.reads.decodesAgain(0, PATIENCE);
    const before = await fileState(home.document);
    const [keeps, doubles] = [home.camera("front"), home.camera("garden")];
    const kept = (told: Told): boolean => told.evidence?.candidate === home.lan.at(87) && told.evidence.verdict === "kept";
    await doubles.host.addAddress(home.lan.at(87));
    const asked = epochMilliseconds();
    await asksInVain(home, doubles, home.lan.at(87));
    await heard.hears("the other address to be proved, and not taken", kept);
    for (const n of LONG ? [77, 78, 79] : [77]) {
      await asksInVain(home, keeps, home.lan.at(n));
      await heard.hears("the address to be refused", ({ kind, evidence }) => kind === "refused" && evidence?.candidate === home.lan.at(n));
    }
    await pause(VIGIL);
    await expectUntouched(home, heard, before);
    expect(await sourceHosts(home.go2rtc, "garden")).toEqual([home.lan.at(21)]);
    expect([lastCondition(heard), lastCondition(heard, "garden")]).toMatchObject([{ status: "ok" }, { status: "ok" }]);
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

  test("a second device with the camera's address changes nothing as long as the camera delivers; the right MAC with another realm is not followed", async () => {
    await using home = await startHome({ cameras: [front, garden] });
    await using viewer = mseViewer(home.go2rtc, "front");
    await using heard = await begin(home, ["front", "garden"]);
    await viewer.reads.decodesAgain(0, PATIENCE);
    const before = await fileState(home.document);
    await using other = await duplicateAddress(home.lan, "other", "a4:14:37:00:00:07" as MacAddress, home.lan.at(20));
    expect(other.mac).not.toBe(home.camera("front").mac);
    await home.lan.forgetNeighbours();

    const camera = home.camera("garden");
    await camera.set({ realm: "Somebody Else" });
    const changed = epochMilliseconds();
    await camera.moveByDhcp(home.lan.at(73));
    const isRefusal = (kind: string, candidate: string | undefined): boolean => kind === "refused" && candidate === home.lan.at(73);
    const { evidence } = await heard.hears("the address to be refused", (told) => isRefusal(told.kind, told.evidence?.candidate));
    expect(evidence).toMatchObject({ verdict: "rejected", reason: "IdentityDiffers" });
    expect(evidence?.steps.find(({ outcome }) => outcome === "failed")?.detail).toContain('"Somebody Else"');
    await pause(VIGIL);
    expect(camera.offers().filter(({ at }) => at > changed)).toEqual([]);
    expect(heard.told().filter(({ kind }) => kind === "moved" || kind === "document-written")).toEqual([]);
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
