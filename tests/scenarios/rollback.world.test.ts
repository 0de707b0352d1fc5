import { appendFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { startHome, type HomeCamera } from "../world/home.ts";
import { eventually, pause } from "../world/waiting.ts";
import { begin, expectFrames, expectText, fileState, moved, PATIENCE, sourceHosts } from "./scene.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front", realm: "IP Camera(C6F0)" };

describe("a camera that proves itself at a new address and then delivers no pictures", () => {
  test("has its former address put back, and is not tried there again and again", async () => {
    await using home = await startHome({ cameras: [front] });
    await using heard = await begin(home, ["front"]);
    const before = await fileState(home.document);
    const camera = home.camera("front");
    await camera.set({ frozen: true });
    await camera.moveByDhcp(home.lan.at(95));
    await expectText(home.document, moved(before.text, [[home.lan.at(20), home.lan.at(95)]]));
    await expectText(home.document, before.text);
    await heard.hears("it to be told", ({ kind }) => kind === "rolled-back");
    const condition = await heard.hears("the condition", (told) => told.condition?.reason === "RolledBack");
    expect(condition.condition?.message).toContain("no frames of front came from 192.168.50.95");
    await eventually("go2rtc", async () => (await sourceHosts(home.go2rtc, "front"))[0] === home.lan.at(20), PATIENCE);
    await pause(5_000);
    expect((await fileState(home.document)).text).toBe(before.text);
    expect(heard.told().filter(({ kind }) => kind === "moved")).toHaveLength(1);
    expect(heard.told().findLast((told) => told.condition?.subject === "device/front")?.condition?.status).toBe("problem");
    await heard.shepherd.stop();

    // When the camera delivers again, a new start finds and heals it.
    await camera.set({ frozen: false });
    await using again = home.runShepherd(["run", "--json"]);
    expect(again.pid).toBeGreaterThan(0);
    await expectText(home.document, moved(before.text, [[home.lan.at(20), home.lan.at(95)]]));
    await expectFrames(home.go2rtc, "front", home.lan.at(95));
  });

  test("but whose document a person edited meanwhile: that text is left alone, and it is said", async () => {
    await using home = await startHome({ cameras: [front] });
    await using heard = await begin(home, ["front"]);
    const before = await home.readDocument();
    const camera = home.camera("front");
    await camera.set({ frozen: true });
    await camera.moveByDhcp(home.lan.at(96));
    const healed = moved(before, [[home.lan.at(20), home.lan.at(96)]]);
    await expectText(home.document, healed);
    await pause(1_000);
    await appendFile(home.document, "# edited by a person\n");
    const condition = await heard.hears("the condition", (told) => told.condition?.reason === "NotRolledBack");
    expect(condition.condition?.message).toContain("frigate.yml was edited since");
    await pause(3_000);
    expect(await home.readDocument()).toBe(`${healed}# edited by a person\n`);
  });
});
