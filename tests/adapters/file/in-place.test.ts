import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { completeInPlace, isUnfinished, RecoveryJournal, writeInPlace } from "../../../src/adapters/file/in-place.ts";
import { mountPoints } from "../../../src/adapters/file/mount-points.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const before = Buffer.from(Array.from({ length: 300 }, (_, line) => `camera ${line}: rtsp://192.168.1.20/main\n`).join(""));
const after = Buffer.from(before.toString().replaceAll("192.168.1.20", "192.168.1.177"));
const shorter = Buffer.from(before.toString().replaceAll("192.168.1.20", "10.0.0.7"));

async function scene(text: Buffer): Promise<{ readonly path: string; readonly folder: string; readonly journal: RecoveryJournal }> {
  const within = temporaryFolder();
  const path = join(within, "frigate.yml");
  const folder = join(within, "data", "unfinished");
  await writeFile(path, text);
  return { path, folder, journal: new RecoveryJournal(folder) };
}

describe.each([
  ["longer", after],
  ["shorter", shorter],
])("a write of a %s text that is cut off", (_name, text) => {
  test("after any number of bytes is told from the old text, the new one and anybody's edit, and is completed", async () => {
    for (let cut = 1; cut < text.length; cut += 211) {
      const half = Buffer.concat([text.subarray(0, cut), before.subarray(cut)]);
      expect(isUnfinished(half, { before, after: text }), `cut at ${cut}`).toBe(!half.equals(before));
    }
    const { path, folder, journal } = await scene(before);
    await journal.begin({ path, before, after: text });
    await writeFile(path, Buffer.concat([text.subarray(0, 5000), before.subarray(5000)]));
    expect(await completeInPlace(new RecoveryJournal(folder), path, true)).toBe("completed");
    expect(await readFile(path)).toEqual(text);
    expect(await readdir(folder)).toEqual([]);
  });

  test("with its sectors in any order, some of them never written, is completed", () => {
    const half = Buffer.alloc(Math.max(before.length, text.length));
    before.copy(half);
    for (const at of [512, 2048, 4608]) text.copy(half, at, at, at + 512);
    half.fill(0, 1024, 1536);
    expect(isUnfinished(half, { before, after: text })).toBe(true);
  });
});

describe("a file that is not half written", () => {
  test.each([
    ["the old text", before],
    ["the new text", after],
    ["somebody's edit", Buffer.concat([Buffer.from("# mine\n"), before])],
    ["somebody's shorter edit", Buffer.from("cameras: {}\n")],
  ])("stays as it is: %s; what was remembered is dropped", async (_name, text) => {
    const { path, folder, journal } = await scene(text);
    await journal.begin({ path, before, after });
    expect(isUnfinished(text, { before, after })).toBe(false);
    expect(await completeInPlace(journal, path, true)).toBe("nothing");
    expect(await readFile(path)).toEqual(text);
    expect(await readdir(folder)).toEqual([]);
  });
});

test("a look that may not write leaves the half text and what is remembered of it, and says so", async () => {
  const { path, journal, folder } = await scene(before);
  await journal.begin({ path, before, after });
  const half = Buffer.concat([after.subarray(0, 5000), before.subarray(5000)]);
  await writeFile(path, half);
  expect(await completeInPlace(journal, path, false)).toBe("waits");
  expect(await readFile(path)).toEqual(half);
  expect(await readdir(folder)).toHaveLength(1);
});

test("a write in place keeps the file itself, leaves nothing behind, and remembers nothing that others may read", async () => {
  const { path, folder, journal } = await scene(before);
  const { ino } = await stat(path);
  await writeInPlace(journal, { path, before, after: shorter });
  expect(await readFile(path)).toEqual(shorter);
  expect((await stat(path)).ino).toBe(ino);
  expect(await readdir(folder)).toEqual([]);
  await journal.begin({ path, before, after });
  const [name = ""] = await readdir(folder);
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test("nothing is written where it cannot be remembered first", async () => {
  const { path } = await scene(before);
  const journal = new RecoveryJournal(join(path, "not-a-folder"));
  await expect(writeInPlace(journal, { path, before, after })).rejects.toMatchObject({ code: "ENOTDIR" });
  expect(await readFile(path)).toEqual(before);
});

test("a failed write leaves the entry, so that a later run can still put it right", async () => {
  const { path, folder, journal } = await scene(before);
  await rm(path);
  await mkdir(path);
  await expect(writeInPlace(journal, { path, before, after })).rejects.toMatchObject({ code: "EISDIR" });
  expect(await readdir(folder)).toHaveLength(1);
});

test("mount points are read with their escapes", () => {
  const text =
    "36 35 98:0 / / rw,noatime shared:1 - ext4 /dev/sda1 rw\n" +
    String.raw`40 36 98:0 /srv/frigate.yml /config/my\040frigate.yml rw - ext4 /dev/sda1 rw` +
    "\n";
  expect(mountPoints(text)).toEqual(new Set(["/", "/config/my frigate.yml"]));
});
