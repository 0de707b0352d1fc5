import { appendFile, chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { fences, section, shellLines } from "../documents.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { runShepherd } from "../world/shepherd.ts";
import { epochMilliseconds, eventually } from "../world/waiting.ts";
import { expectHealed, fileState, leftovers, moved } from "./scene.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const twin = { password: "canary-twins", realm: "IP Camera(C6F0)" };
const front: HomeCamera = { name: "front", mac: "0c:79:55:4b:d4:2a" as MacAddress, ...twin };
const garden: HomeCamera = { name: "garden", mac: "0c:79:55:4b:d4:2b" as MacAddress, ...twin };

/** A command that ended. */
interface Finished {
  readonly code: number | undefined;
  readonly output: string;
  readonly errors: string;
}

/** A person at a prompt of the home box, with README.md in front of them. */
interface Reader {
  /** The commands of a section, in order, with this home's paths and addresses in the place of the example's. */
  commands(heading: string): readonly string[];
  /** What a section shows as printed, without what is left out there; the text of that kind. */
  shows(heading: string, at?: number): readonly string[];
  /** Types a command at a shell's prompt; pipes and all. */
  types(command: string): Promise<Finished>;
  readonly env: Readonly<Record<string, string>>;
}

/** @param addresses those of README.md, and what stands for them here */
async function readerOf(home: Home, addresses: readonly (readonly [from: string, to: string])[]): Promise<Reader> {
  const page = await readFile(join(ROOT, "README.md"), "utf8");
  // So deep that no document of the home lies in a place where one is looked for.
  const folder = join(home.lan.folder, "a", "reader", "desk");
  await mkdir(join(folder, "bin"), { recursive: true });
  const program = join(folder, "bin", "camera-shepherd");
  await writeFile(program, `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, "src", "main.ts")} "$@"\n`);
  await chmod(program, 0o755);
  const options = fences(section(page, "First run")).find(({ language }) => language === "yaml")?.text ?? "";
  await writeFile(join(folder, "camera-shepherd.yaml"), options.replace(/file: \S+/, `file: ${home.document}`));
  const env = { HOME: folder, PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`, NO_COLOR: "1" };
  const here = (line: string): string => addresses.reduce((text, [from, to]) => text.replaceAll(from, to), line);
  const shown = (line: string): string => here(line).replaceAll(DOCUMENT, home.document).replaceAll("config.yml", basename(home.document));
  return {
    shows: (heading, at = 0) => {
      const text = fences(section(page, heading)).filter(({ language }) => language === "text")[at]?.text ?? "";
      return text
        .split("\n")
        .filter((line) => line.trim() !== "" && line.trim() !== "…")
        .map(shown);
    },
    commands: (heading) => shellLines(section(page, heading)).map(here),
    types: async (command) => {
      const shell = await execa("bash", ["-c", `set -o pipefail; ${command}`], { cwd: folder, env, reject: false, timeout: 120_000 });
      return { code: shell.exitCode, output: shell.stdout, errors: shell.stderr };
    },
    env,
  };
}

/** The document of README.md's examples. */
const DOCUMENT = "/opt/frigate/config/config.yml";

/** A printed line without what is another one each time. */
function lasting(line: string): string {
  return line
    .replaceAll(/\b\d\d:\d\d:\d\d\b/g, "TIME")
    .replaceAll(/\b\d{4}-\d\d-\d\d\b/g, "DAY")
    .replaceAll(/\b\d+(?:\.\d+)? m?s\b/g, "SPAN")
    .replaceAll(/\brecord \d+/g, "record N")
    .replaceAll(/\b[Cc]hange [0-9a-f]{8}\b/g, "change ID");
}

/** That what a page shows was really printed, line by line and in that order. */
function expectPrinted(shown: readonly string[], output: string): void {
  expect(shown.length).toBeGreaterThan(0);
  const printed = output.split("\n").map(lasting);
  let from = 0;
  for (const line of shown.map(lasting)) {
    const at = printed.indexOf(line.trimEnd(), from);
    expect(at, `${line}\nin\n${printed.join("\n")}`).toBeGreaterThanOrEqual(from);
    from = at + 1;
  }
}

/** As `expectPrinted`, of a program that runs: which line comes first there, and what noticed a move, is a matter of milliseconds. */
function expectSaid(shown: readonly string[], output: readonly string[]): void {
  const parts = (line: string): readonly string[] =>
    lasting(line)
      .replace(/ \([^)]*\)$/, "")
      .split(/ {2,}| · |: /)
      .filter((part) => part !== "" && part !== "TIME");
  const said = new Set(output.flatMap(parts));
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.flatMap(parts).filter((part) => !said.has(part))).toEqual([]);
}

describe("README.md at its word", () => {
  test("the first run finds, plans, learns, heals, and is undone and looked at again by asking", async () => {
    await using home = await startHome({ cameras: [front, garden] });
    const [was, will] = [home.lan.at(20), home.lan.at(60)];
    const reader = await readerOf(home, [
      ["192.168.1.77", will],
      ["192.168.1.50", was],
    ]);
    const [bareCheck, check, plan, sync, run, ...more] = reader.commands("First run");
    const [undo, resync] = reader.commands("Undo");
    expect(more).toEqual([]);
    if (
      check === undefined ||
      plan === undefined ||
      sync === undefined ||
      run === undefined ||
      undo === undefined ||
      resync === undefined
    ) {
      throw new Error("README.md has other commands");
    }
    const before = await fileState(home.document);

    // Without options it finds no document in this folder, and says how to name one.
    const nothing = await reader.types(bareCheck ?? "");
    expect(nothing, nothing.output + nothing.errors).toMatchObject({ code: 2 });
    expect(nothing.output).toContain("frigate.file");

    const checked = await reader.types(check);
    expect(checked.output).toContain(`${home.document}: 2 cameras, 2 streams, 6 addresses; may be written`);
    expect(checked.output).toMatch(/ok +go2rtc go2rtc +http:\/\/127\.0\.0\.1:1984 \(named under go2rtc\): version 1\.9\.14/);
    expect(checked.output).toMatch(/ok +noticing dhcp/);
    expect(checked.errors).toBe("");
    expectPrinted(reader.shows("First run"), checked.output);

    const planned = await reader.types(plan);
    expect(planned.code).toBe(0);
    expect(planned.output).toContain(`-      - rtsp://***@${was}/main\n+      - rtsp://***@${will}/main`);
    expect(planned.output + planned.errors).not.toContain(twin.password);
    expect(await fileState(home.document)).toEqual(before);

    const learned = await reader.types(sync);
    expect(learned).toMatchObject({ code: 0, errors: "" });
    expect(learned.output).toContain("learned at 192.168.50.20: MAC 0c:79:55:4b:d4:2a");
    expect(await fileState(home.document)).toEqual(before);

    const [, ...arguments_] = run.split(" ");
    const shepherd = runShepherd(
      arguments_.map((word) => (word.endsWith(".yaml") ? join(reader.env["HOME"] ?? "", word) : word)),
      {
        env: reader.env,
      },
    );
    const camera = home.camera("front");
    try {
      await eventually("DHCP to be heard", () => shepherd.output.some(({ text }) => text.includes("noticing: DHCP requests")), 20_000, 50);
      await camera.moveByDhcp(will);
      await expectHealed(home, before.text, [[was, will]], [camera]);
      await eventually("healed", () => shepherd.output.some(({ text }) => text.includes("frames flow again")), 20_000, 50);
      expectSaid(
        reader.shows("First run", 1),
        shepherd.output.map(({ text }) => text),
      );
      const healed = await fileState(home.document);

      // While it runs, another process asks it.
      const undone = await reader.types(undo);
      expect(undone, undone.output + undone.errors).toMatchObject({ code: 0, errors: "" });
      expect(undone.output).toContain(`has its earlier text again: ${will} → ${was}; not healed again before a resync: front to ${will}.`);
      expectPrinted(reader.shows("Undo"), undone.output);
      expect((await fileState(home.document)).text).toBe(before.text);
      await eventually("it to be told", () => shepherd.output.some(({ text }) => text.includes(`${home.document} put back`)), 5000, 50);
      const first = shepherd.output.find(({ text }) => text.includes("the first change of"));
      expect(first?.text).toContain("camera-shepherd undo");

      const again = await reader.types(resync);
      expect(again, again.output + again.errors).toMatchObject({ code: 0 });
      await eventually("healed again", async () => (await fileState(home.document)).text === healed.text, 40_000, 100);
      expect(healed.text).toBe(moved(before.text, [[was, will]]));
    } finally {
      await shepherd.stop();
    }
    expect(await shepherd.exited).toBe(0);
    expect(await leftovers(home.document)).toEqual([]);

    // Where none runs the command does it itself.
    const alone = await reader.types(undo);
    expect(alone, alone.output + alone.errors).toMatchObject({ code: 0 });
    expect(alone.errors).toContain("No camera-shepherd runs on this database");
    expect((await fileState(home.document)).text).toBe(before.text);

    // With `approve: true` the same change waits until somebody has agreed to it.
    const [approve] = reader.commands("Nothing without a yes");
    const options = join(reader.env["HOME"] ?? "", "camera-shepherd.yaml");
    const approving = (await readFile(options, "utf8")).replace(/^(\s*)(file: .*)$/m, "$1$2\n$1approve: true");
    await writeFile(options, approving);
    const waits = await reader.types(resync);
    expect(waits, waits.output + waits.errors).toMatchObject({ code: 0 });
    expect((await fileState(home.document)).text).toBe(before.text);
    const approved = await reader.types(approve ?? "");
    expect(approved, approved.output + approved.errors).toMatchObject({ code: 0 });
    expectPrinted(reader.shows("Nothing without a yes"), approved.output);
    expect(approved.output + approved.errors).not.toContain(twin.password);
    expect((await fileState(home.document)).text).toBe(moved(before.text, [[was, will]]));
    const none = await reader.types(approve ?? "");
    expect(none).toMatchObject({ code: 0, output: "Nothing waits for approval." });
  });

  test("what was learned becomes reservations that the router keeps, and a list brings MAC addresses in", async () => {
    await using home = await startHome({ cameras: [front, garden] });
    const reader = await readerOf(home, []);
    const [reserve, rehearse, take, ...more] = reader.commands("The lasting cure");
    expect(more).toEqual([]);
    const folder = reader.env["HOME"] ?? "";
    const list = `name,mac,ip\nfront,${front.mac},10.0.0.1\nphone,de:ad:be:ef:00:01,\nx,${garden.mac},${home.lan.at(21)}\n`;
    await writeFile(join(folder, "devices.csv"), list);
    const rehearsed = await reader.types(rehearse ?? "");
    expect(rehearsed).toMatchObject({ code: 0, errors: "" });
    expect(rehearsed.output).toContain("2 MAC addresses would be taken, 0 known already, 0 to be corrected, 1 of no camera.");
    const taken = await reader.types(take ?? "");
    expect(taken.output).toContain(`devices.csv:4: ${garden.mac} taken for garden, which is at ${home.lan.at(21)}`);
    expect((await reader.types(take ?? "")).output).toContain("0 MAC addresses taken, 2 known already");

    const [, , , sync = ""] = reader.commands("First run");
    expect(await reader.types(sync)).toMatchObject({ code: 0 });
    expect(await reader.types(reserve ?? "")).toMatchObject({ code: 0, output: "", errors: "" });
    const other = join(folder, "mediamtx.yml");
    await writeFile(other, `source: rtsp://u:canary@${home.lan.at(20)}/main\n`);
    const page = await readFile(join(ROOT, "README.md"), "utf8");
    const addition = fences(section(page, "Other programs follow too")).find(({ language }) => language === "yaml")?.text ?? "";
    await appendFile(join(folder, "camera-shepherd.yaml"), addition.replace(/path: \S+/, `path: ${other}`));
    const [plan = ""] = reader.commands("Other programs follow too");
    const planned = await reader.types(plan);
    expect(planned.output).toContain(`-source: rtsp://***@${home.lan.at(20)}/main\n+source: rtsp://***@192.168.1.77/main`);
    expect(planned.code).toBe(0);

    await home.lan.router.loads(join(folder, "reservations.conf"));
    const camera = home.camera("garden");
    const since = epochMilliseconds();
    await camera.powerOff();
    await camera.powerOn();
    await home.capture.acknowledgedAfter(camera.mac, since);
    expect(camera.address).toBe(home.lan.at(21));
    expect(home.lan.router.events.findLast(({ kind, mac }) => kind === "ACK" && mac === camera.mac)?.address).toBe(home.lan.at(21));
  });
});
