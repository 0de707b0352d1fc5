import { appendFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { startHome, type HomeCamera } from "../world/home.ts";
import { eventually, pause } from "../world/waiting.ts";
import { begin, expectFrames, expectText, moved, PATIENCE, sourceHosts } from "./scene.ts";

const twin = { password: "canary-twins", realm: "IP Camera(C6F0)" };
const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, ...twin };
const garden: HomeCamera = { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, ...twin };

describe("cameras that prove themselves at a new address and then deliver no pictures", () => {
  test("have the former address put back, but not in a text that a person edited since", async () => {
    await using home = await startHome({ cameras: [front, garden] });
    await using heard = await begin(home, ["front", "garden"]);
    const before = await home.readDocument();
    const [first, second] = [home.camera("front"), home.camera("garden")];
    for (const camera of [first, second]) await camera.set({ frozen: true });
    await first.moveByDhcp(home.lan.at(95));
    await expectText(home.document, moved(before, [[home.lan.at(20), home.lan.at(95)]]));
    // Late enough that the first is taken back while the second is still waited for.
    await pause(9_000);
    await second.moveByDhcp(home.lan.at(96));
    const onlySecond = moved(before, [[home.lan.at(21), home.lan.at(96)]]);
    await expectText(home.document, moved(onlySecond, [[home.lan.at(20), home.lan.at(95)]]));

    await expectText(home.document, onlySecond);
    await heard.hears("it to be told", ({ kind }) => kind === "rolled-back");
    const restored = await heard.hears("the first camera's condition", (told) => told.condition?.reason === "RolledBack");
    expect(restored.condition).toMatchObject({ subject: "device/front", status: "problem" });
    expect(restored.condition?.message).toContain("no frames of front came from 192.168.50.95");
    await eventually("go2rtc", async () => (await sourceHosts(home.go2rtc, "front"))[0] === home.lan.at(20), PATIENCE);

    const edited = `${onlySecond}# edited by a person\n`;
    await appendFile(home.document, "# edited by a person\n");
    const left = await heard.hears("the second camera's condition", (told) => told.condition?.reason === "NotRolledBack");
    expect(left.condition).toMatchObject({ subject: "device/garden", status: "problem" });
    expect(left.condition?.message).toContain("frigate.yml was edited since");
    await pause(4_000);
    expect(await home.readDocument()).toBe(edited);
    // Neither address is tried again and again.
    expect(heard.told().filter(({ kind }) => kind === "moved")).toHaveLength(2);
    await heard.shepherd.stop();

    // Once the camera delivers, a person asks, and it is healed: a new start alone changes nothing.
    await first.set({ frozen: false });
    await using again = home.runShepherd(["run", "--json"]);
    await eventually("it to run", () => again.output.some(({ text }) => text.includes('"layer-up"')), PATIENCE);
    expect(await home.readDocument()).toBe(edited);
    await using resync = home.runShepherd(["resync", "front"]);
    expect(await resync.exited).toBe(0);
    await expectText(home.document, moved(edited, [[home.lan.at(20), home.lan.at(95)]]));
    await expectFrames(home.go2rtc, "front", home.lan.at(95));
    again.assertRunning();
  });
});
