import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { startHome, type HomeCamera } from "../world/home.ts";
import { begin, expectHealed, fileState } from "./scene.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front", realm: "IP Camera(C6F0)" };
const form = "bundle";

describe("the bundle", () => {
  beforeAll(async () => {
    await execa("npm", ["run", "--silent", "build"], { cwd: join(import.meta.dirname, "..", ".."), preferLocal: true });
  }, 120_000);

  test("heals a move, finds nothing more to do, and checks the home", async () => {
    await using home = await startHome({ cameras: [front] });
    const camera = home.camera("front");
    const before = await home.readDocument();
    {
      await using heard = await begin(home, ["front"], { form });
      await camera.moveByDhcp(home.lan.at(60));
      await expectHealed(home, before, [[home.lan.at(20), home.lan.at(60)]], [camera]);
      await heard.hears("frames", ({ kind, from }) => kind === "frames" && from === home.lan.at(60));
    }
    const healed = await fileState(home.document);
    expect(await home.shepherdCommand(["sync", "--once"], { form })).toMatchObject({ code: 0, errors: "" });
    expect(await fileState(home.document)).toEqual(healed);
    const checked = await home.shepherdCommand(["check"], { form });
    expect(checked).toMatchObject({ code: 0, errors: "" });
    expect(checked.output).toContain("camera front");
    const planned = await home.shepherdCommand(["plan", "--assume", "front=192.168.50.99"], { form });
    expect(planned.output).toContain("+      host: 192.168.50.99 # as its sticker says");
    expect(await fileState(home.document)).toEqual(healed);
  });
});
