import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { FakeFrigate } from "../fakes/fake-frigate/fake-frigate.ts";
import { startHome, type HomeCamera } from "../world/home.ts";
import { shepherdCommand } from "../world/shepherd.ts";
import { eventually } from "../world/waiting.ts";
import { begin, expectFrames, moved, PATIENCE } from "./scene.ts";

const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, password: "canary-front" };
const garden: HomeCamera = { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, password: "canary-garden" };

describe("a home whose Frigate is reached by its API alone,", () => {
  test("behind its login and its own certificate, is healed, and what stands in the file on this machine is not touched", async () => {
    await using home = await startHome({ cameras: [front, garden] });
    const before = await home.readDocument();
    const frigate = new FakeFrigate({ version: "0.17.2", text: before });
    await frigate.start();
    try {
      expect(frigate.running.safe_mode).toBe(false);
      const frigateOptions = { via: "api", url: frigate.secureUrl, username: "admin", password: "canary-frigate-admin", restart: "never" };
      const options = join(dirname(home.options), "api.yaml");
      const own = load(await readFile(home.options, "utf8")) as Readonly<Record<string, unknown>>;
      await writeFile(options, JSON.stringify({ ...own, frigate: frigateOptions }), { mode: 0o600 });

      const checked = await shepherdCommand(["check", "--config", options]);
      expect(checked.output).toContain(`Frigate frigate`);
      expect(checked.output).toContain("role admin, gives its schema");

      await using heard = await begin({ options }, ["front", "garden"]);
      await home.camera("front").moveByDhcp(home.lan.at(60));
      const after = moved(before, [[home.lan.at(20), home.lan.at(60)]]);
      await eventually("Frigate's document to be healed", () => frigate.text === after, PATIENCE, 50).catch(() => undefined);
      expect(frigate.text).toBe(after);
      await expectFrames(home.go2rtc, "front", home.lan.at(60));
      expect(await home.readDocument()).toBe(before);
      expect(frigate.restarts).toBe(0);
      expect(frigate.calls.filter(({ url }) => url === "/api/login").length).toBeLessThanOrEqual(2);
      const said = [checked.output, checked.errors, ...heard.shepherd.output.map(({ text }) => text)].join("\n");
      expect(said).not.toContain("canary");
    } finally {
      await frigate.stop();
    }
  });
});
