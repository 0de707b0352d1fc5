import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { runGo2rtc } from "../world/go2rtc.ts";
import { startHome, type HomeCamera } from "../world/home.ts";
import type { Lan } from "../world/lan.ts";
import { shepherdCommand } from "../world/shepherd.ts";
import { epochMilliseconds, pause } from "../world/waiting.ts";
import { mseViewer } from "../world/watchers.ts";
import {
  begin,
  expectFrames,
  expectHealed,
  expectText,
  fileState,
  leftovers,
  LONG,
  moved,
  PATIENCE,
  sourceHosts,
  type Told,
} from "./scene.ts";
import { LISTENERS, startStandalone } from "./standalone.ts";

const twin = { password: "canary-twins", realm: "IP Camera(C6F0)" };
const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, ...twin };
const garden: HomeCamera = { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, ...twin };

describe("a camera that moves by DHCP", () => {
  test("is healed in go2rtc and in the document, and everything else stays byte for byte", async () => {
    await using home = await startHome({ cameras: [front, garden] });
    await using heard = await begin(home, ["front", "garden"]);
    const before = await fileState(home.document);
    const camera = home.camera("front");
    await camera.moveByDhcp(home.lan.at(60));
    await expectHealed(home, before.text, [[home.lan.at(20), home.lan.at(60)]], [camera]);
    await heard.hears("frames", (told) => told.kind === "frames" && told.from === home.lan.at(60));
    expect((await fileState(home.document)).mode).toBe(before.mode);
    expect(await leftovers(home.document)).toEqual([]);
    expect(await sourceHosts(home.go2rtc, "garden")).toEqual([home.lan.at(21)]);
    const moves = heard.told().flatMap(({ kind, device, from, to }) => (kind === "moved" ? [{ device, from, to }] : []));
    expect(moves).toEqual([{ device: "front", from: home.lan.at(20), to: home.lan.at(60) }]);
    await heard.shepherd.stop();

    const [healed, yaml] = [await fileState(home.document), await fileState(home.go2rtc.file)];
    const again = await home.shepherdCommand(["sync", "--once"]);
    expect(again.errors).toBe("");
    expect(again.output).toContain("2 unchanged");
    expect(again.code).toBe(0);
    expect(await fileState(home.document)).toEqual(healed);
    expect(await fileState(home.go2rtc.file)).toEqual(yaml);
  });

  test("is healed when its stream has several sources, in their order", async () => {
    await using home = await startHome({ cameras: [{ ...front, moreSources: ["ffmpeg:front#audio=opus"] }] });
    await using heard = await begin(home, ["front"]);
    const before = await home.readDocument();
    const camera = home.camera("front");
    await camera.moveByDhcp(home.lan.at(61));
    await expectHealed(home, before, [[home.lan.at(20), home.lan.at(61)]], [camera]);
    await heard.shepherd.stop();
    const stored = await readFile(home.go2rtc.file, "utf8");
    expect(stored).toMatch(/front:\n\s+- rtsp:\/\/viewer:canary-twins@192\.168\.50\.61\/main\n\s+- ffmpeg:front#audio=opus\n/);
  });

  test("is healed with all its channels where several cameras share the address", async () => {
    const recorder: HomeCamera = { ...front, name: "recorder", paths: ["/main", "/ch2"] };
    await using home = await startHome({ cameras: [recorder, garden] });
    const nvr = home.camera("recorder");
    const [drive, yard] = [nvr.url(undefined, "/main"), nvr.url(undefined, "/ch2")];
    expect([await home.go2rtc.put("drive", [drive]), await home.go2rtc.put("yard", [yard])]).toEqual([200, 200]);
    const inputs = (name: string): string =>
      `  ${name}:\n    ffmpeg:\n      inputs:\n        - {path: "rtsp://127.0.0.1:8554/${name}", roles: [detect]}\n`;
    const direct = `  porch:\n    ffmpeg:\n      inputs:\n        - path: ${yard}\n          roles: [record]\n`;
    const streams = `go2rtc:\n  streams:\n    drive: ${drive}\n    yard: ['${yard}']\n    garden: ${home.camera("garden").url()}\n`;
    const document = `mqtt: {enabled: false}\n${streams}cameras:\n${inputs("drive")}${inputs("yard")}${direct}${inputs("garden")}`;
    await writeFile(home.document, document);
    await using heard = await begin(home, ["drive", "garden"]);
    await nvr.moveByDhcp(home.lan.at(62));
    await expectText(home.document, moved(document, [[home.lan.at(20), home.lan.at(62)]]));
    await expectFrames(home.go2rtc, "drive", home.lan.at(62));
    await expectFrames(home.go2rtc, "yard", home.lan.at(62));
    expect(heard.told().filter((told) => told.kind === "moved")).toHaveLength(1);
  });

  test("that returns at its old address after an outage delivers again, and nothing is written", async () => {
    await using home = await startHome({ cameras: [front] });
    await using watcher = mseViewer(home.go2rtc, "front");
    await using heard = await begin(home, ["front"]);
    const before = await fileState(home.document);
    const camera = home.camera("front");
    await watcher.reads.decodesAgain(0, PATIENCE);
    await camera.powerOff();
    const lost = (told: Told): boolean => told.condition?.subject === "device/front" && told.condition.status === "problem";
    await heard.hears("front to be missed", lost);
    const back = epochMilliseconds();
    await camera.powerOn();
    expect(camera.address).toBe(home.lan.at(20));
    await expectFrames(home.go2rtc, "front", home.lan.at(20));
    await watcher.reads.decodesAgain(back, PATIENCE);
    expect(heard.told().findLast((told) => told.condition?.subject === "device/front")?.condition?.status).toBe("ok");
    expect(await fileState(home.document)).toEqual(before);
    expect(heard.told().filter((told) => told.kind === "moved")).toEqual([]);
  });
});

describe("one sync", () => {
  test("says without writing what it would do, does it, and writes nothing when there is nothing to do", async () => {
    await using home = await startHome({ cameras: [front, garden] });
    const learned = await home.shepherdCommand(["sync", "--once"]);
    expect(learned).toMatchObject({ code: 0, errors: "" });
    const camera = home.camera("front");
    await camera.moveByDhcp(home.lan.at(63));
    const files = [home.document, home.go2rtc.file, join(home.lan.folder, "shepherd", "data", "camera-shepherd.db")];
    const before = await Promise.all(files.map(fileState));

    const dry = await home.shepherdCommand(["sync", "--once", "--dry-run"]);
    expect(dry.errors).toBe("");
    expect(dry.output).toContain("192.168.50.20 → 192.168.50.63 (dry run: nothing was changed)");
    expect(dry.output).toContain("1 camera would be healed, 1 unchanged");
    expect(await Promise.all(files.map(fileState))).toEqual(before);
    expect(await sourceHosts(home.go2rtc, "front")).toEqual([home.lan.at(20)]);

    const wet = await home.shepherdCommand(["sync", "--once"]);
    expect(wet.output).toContain("1 camera healed, 1 unchanged");
    expect(wet).toMatchObject({ code: 0, errors: "" });
    await expectHealed(home, before[0]?.text ?? "", [[home.lan.at(20), home.lan.at(63)]], [camera]);

    const healed = await Promise.all(files.slice(0, 2).map(fileState));
    const idle = await home.shepherdCommand(["sync", "--once", "--json"]);
    expect(JSON.parse(idle.output)).toMatchObject({ exitCode: 0, devices: [{ outcome: "unchanged" }, { outcome: "unchanged" }] });
    expect(idle.code).toBe(0);
    expect(await Promise.all(files.slice(0, 2).map(fileState))).toEqual(healed);
  });
});

describe("a stand-alone go2rtc.yaml", () => {
  const env = { FRONT_PASSWORD: "canary-twins" };
  /** As people write it; addresses in comments are nobody's business. */
  const yaml = (lan: Lan, n: number, m: number): string =>
    [
      "# go2rtc of the house. 192.168.50.20 and .21 are the cameras.",
      LISTENERS.trimEnd(),
      "log: {level: debug}   # more than usual",
      "",
      "streams:",
      "    # the street",
      `    front: "rtsp://viewer:\${FRONT_PASSWORD}@${lan.at(n)}/main"   # 192.168.50.20 on its sticker`,
      "",
      `    garden: 'rtsp://viewer:canary-twins@${lan.at(m)}/main'`,
      "    both:                # with sound",
      `        - rtsp://viewer:\${FRONT_PASSWORD}@${lan.at(n)}:554/main   # the camera`,
      '        - "ffmpeg:both#audio=opus"',
      "ffmpeg:",
      "    bin: ffmpeg  # Debian's",
      "",
    ].join("\n");

  test("is the old text with other hosts, though go2rtc rewrote it at our call, by run and by sync", async () => {
    await using home = await startStandalone({ cameras: [front, garden], yaml: (lan) => yaml(lan, 20, 21), env });
    const { lan, document, options } = home;
    const [camera, other] = home.cameras;
    if (camera === undefined || other === undefined) throw new Error("two cameras");
    {
      await using heard = await begin(home, ["front", "garden"], { env });
      await camera.moveByDhcp(lan.at(64));
      await expectText(document, yaml(lan, 64, 21));
      await expectFrames(home.go2rtc, "front", lan.at(64));
      await expectFrames(home.go2rtc, "both", lan.at(64));
      await heard.hears("frames", (told) => told.kind === "frames");
      await other.moveByDhcp(lan.at(65));
      await expectText(document, yaml(lan, 64, 65));
      await expectFrames(home.go2rtc, "garden", lan.at(65));
    }
    await camera.moveByDhcp(lan.at(66));
    expect(await shepherdCommand(["sync", "--once", "--config", options], { env })).toMatchObject({ code: 0, errors: "" });
    expect(await readFile(document, "utf8")).toBe(yaml(lan, 66, 65));
    expect(await leftovers(document)).toEqual([]);
    // What go2rtc reads at its next start is right too.
    await home.go2rtc.stop();
    await using restarted = await runGo2rtc({ file: document, env });
    await expectFrames(restarted, "front", lan.at(66));
  });

  test("keeps a variable that is unknown here, and the place is said", async () => {
    await using home = await startStandalone({ cameras: [front, garden], yaml: (lan) => yaml(lan, 20, 21), env });
    await using heard = await begin(home, ["front", "garden"]);
    const [camera] = home.cameras;
    await camera?.moveByDhcp(home.lan.at(67));
    await expectText(home.document, yaml(home.lan, 67, 21));
    const said = await heard.hears("the placeholder to be said", (told) => told.condition?.reason === "ServerRestartNeeded");
    expect(said.condition?.message).toMatch(/new address of front, both from .*go2rtc\.yaml only when it starts/);
    // go2rtc knows nothing of it yet, so that no frames come proves nothing: the document stays.
    await pause(LONG ? 25_000 : 7_000);
    expect(heard.told().filter((told) => told.condition?.reason === "StreamDead" || told.condition?.reason === "RolledBack")).toEqual([]);
    expect(await readFile(home.document, "utf8")).toBe(yaml(home.lan, 67, 21));
  });
});
