import { describe, expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { startHome, type HomeCamera } from "../world/home.ts";
import { epochMilliseconds } from "../world/waiting.ts";
import { mseViewer } from "../world/watchers.ts";
import { begin, expectHealed, LONG, PATIENCE } from "./scene.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front", realm: "IP Camera(C6F0)" };
const garden: HomeCamera = { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, password: "canary-front", realm: "IP Camera(C6F0)" };

describe("a camera that is given another static address, without a packet that says so,", () => {
  test.each(LONG ? (["hang", "end"] as const) : (["hang"] as const))(
    "is found while somebody watches it; its sessions %s",
    async (sessions) => {
      await using home = await startHome({ cameras: [{ ...front, static: true }, garden] });
      await using viewer = mseViewer(home.go2rtc, "front");
      await using heard = await begin(home, ["front", "garden"]);
      await viewer.reads.decodesAgain(0, PATIENCE);
      const before = await home.readDocument();
      const camera = home.camera("front");
      const left = epochMilliseconds();
      await camera.moveSilently(home.lan.at(90), { sessions });
      await expectHealed(home, before, [[home.lan.at(20), home.lan.at(90)]], [camera]);
      await viewer.reads.decodesAgain(left, PATIENCE);
      const moves = heard.told().flatMap(({ kind, device, from, to }) => (kind === "moved" ? [{ device, from, to }] : []));
      expect(moves).toEqual([{ device: "front", from: home.lan.at(20), to: home.lan.at(90) }]);
      expect(home.capture.acknowledged.filter(({ requestAt }) => requestAt > left)).toEqual([]);
    },
  );

  test("is found by the audit where nobody watches it", async () => {
    // A look every 30 s is the default; the short form does not wait that long.
    const shepherd = LONG ? {} : { health: { interval: "5s" } };
    await using home = await startHome({ cameras: [{ ...front, static: true }, garden], shepherd });
    await using heard = await begin(home, ["front", "garden"]);
    const before = await home.readDocument();
    const camera = home.camera("front");
    await camera.moveSilently(home.lan.at(91), { sessions: "hang" });
    await expectHealed(home, before, [[home.lan.at(20), home.lan.at(91)]], [camera]);
    expect(heard.told().filter(({ kind }) => kind === "moved")).toHaveLength(1);
  });

  test("is found by one sync", async () => {
    await using home = await startHome({ cameras: [{ ...front, static: true }] });
    expect(await home.shepherdCommand(["sync", "--once"])).toMatchObject({ code: 0, errors: "" });
    const before = await home.readDocument();
    const camera = home.camera("front");
    await camera.moveSilently(home.lan.at(92));
    expect(await home.shepherdCommand(["sync", "--once"])).toMatchObject({ code: 0, errors: "" });
    await expectHealed(home, before, [[home.lan.at(20), home.lan.at(92)]], [camera]);
  });
});
