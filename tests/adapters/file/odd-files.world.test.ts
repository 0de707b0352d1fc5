import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FileTarget } from "../../../src/adapters/file/file-target.ts";
import { frigateDocument } from "../../../src/adapters/frigate/document.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";
import { configTargetContract } from "../../contract/config-target.ts";

const KILLS = process.env["CAMERA_SHEPHERD_LONG"] === undefined ? 10 : 100;
/** As the writer repeats them: large enough to be killed in the middle. */
const [LINES, OTHERS] = ["first: line\n".repeat(60), "second: another line\n".repeat(40)];
const [FIRST, SECOND] = [LINES.repeat(5000), OTHERS.repeat(4000)];
const never = () => new AbortController().signal;

let folder = "";
/** A single file, mounted over another one, as a compose file's `./frigate.yml:/config/frigate.yml` does. */
let mounted = "";
let outside = "";
let journal = "";
const children = new Set<ChildProcess>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "odd-files-"));
  [mounted, outside, journal] = [join(folder, "inside", "frigate.yml"), join(folder, "outside.yml"), join(folder, "data", "unfinished")];
  await mkdir(join(folder, "inside"));
  await writeFile(mounted, "");
  await writeFile(outside, FIRST);
  execFileSync("mount", ["--bind", outside, mounted]);
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  execFileSync("umount", [mounted]);
  await rm(folder, { recursive: true, force: true });
});

function targetAt(path: string): FileTarget {
  return new FileTarget({ name: "frigate" as TargetName, path, format: frigateDocument({ environment: new Map() }), journal });
}

configTargetContract("a file that is mounted by itself", async (text) => {
  await writeFile(outside, text);
  return {
    target: targetAt(mounted),
    bytes: () => readFile(outside),
    edit: (bytes) => writeFile(outside, bytes),
    remove: async () => {
      execFileSync("umount", [mounted]);
      await rm(mounted);
      await writeFile(join(folder, "inside", "other"), "");
      mounted = join(folder, "inside", "other");
      execFileSync("mount", ["--bind", outside, mounted]);
    },
  };
});

async function write(target: FileTarget, text: string): Promise<void> {
  const { revision } = await target.read(never());
  expect((await target.write(text, revision, never())).kind).toBe("written");
}

describe("a single file that is mounted by itself", () => {
  test("is written where its owner sees it, by the same inode, owner and mode, and nothing is left", async () => {
    await chown(outside, 12_345, 23_456);
    await chmod(outside, 0o640);
    const before = await stat(outside);
    await targetAt(mounted).checkWritable(never());
    await write(targetAt(mounted), "a: 2\n");
    expect(await readFile(outside, "utf8")).toBe("a: 2\n");
    const { ino, uid, gid, mode } = await stat(outside);
    expect({ ino, uid, gid, mode }).toEqual({ ino: before.ino, uid: 12_345, gid: 23_456, mode: before.mode });
    expect([await readdir(journal), await readdir(join(folder, "inside"))]).toEqual([[], ["frigate.yml"]]);
  });

  test("is found behind a symbolic link", async () => {
    await symlink(mounted, join(folder, "link.yml"));
    await write(targetAt(join(folder, "link.yml")), "a: 3\n");
    expect(await readFile(outside, "utf8")).toBe("a: 3\n");
  });

  test("without a folder to remember in is not written, and the remedy is said", async () => {
    const refused = { reason: "DocumentForbidden", message: expect.stringContaining("mount its folder instead") as string };
    const bare = new FileTarget({ name: "frigate" as TargetName, path: mounted, format: frigateDocument({ environment: new Map() }) });
    await expect(bare.checkWritable(never())).rejects.toMatchObject(refused);
    const { revision } = await bare.read(never());
    await expect(bare.write("a: 1\n", revision, never())).rejects.toMatchObject(refused);
    expect(await readFile(outside, "utf8")).toBe(FIRST);
  });

  test("mounted read-only is not written, and the remedy is said", async () => {
    execFileSync("mount", ["-o", "remount,bind,ro", mounted]);
    const target = targetAt(mounted);
    const refused = { reason: "DocumentForbidden", message: expect.stringContaining("mount it writable") as string };
    await expect(target.checkWritable(never())).rejects.toMatchObject(refused);
    const { revision } = await target.read(never());
    await expect(target.write("a: 1\n", revision, never())).rejects.toMatchObject(refused);
    expect(await readFile(outside, "utf8")).toBe(FIRST);
    // What was remembered for the write that failed is no hindrance once it is writable.
    execFileSync("mount", ["-o", "remount,bind,rw", mounted]);
    await write(targetAt(mounted), "a: 2\n");
    expect(await readFile(outside, "utf8")).toBe("a: 2\n");
  });

  test(`killed ${KILLS} times in the middle of a write, is the old or the new text when it is next read`, async () => {
    let halves = 0;
    for (let count = 0; count < KILLS; count += 1) {
      const child = spawn(process.execPath, [join(import.meta.dirname, "file-target-writer.ts"), mounted, LINES, OTHERS, journal], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      children.add(child);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await Promise.race([new Promise((resolve) => child.stdout.once("data", resolve)), ended]);
      // It is in the middle between its journal's begin and end.
      while (child.exitCode === null && !(await readdir(journal)).some((name) => name.endsWith(".json"))) await wait(0);
      await wait(Math.random() * 4);
      child.kill("SIGKILL");
      await ended;
      children.delete(child);
      const raw = await readFile(outside, "utf8");
      if (raw !== FIRST && raw !== SECOND) halves += 1;
      const { text } = await targetAt(mounted).read(never());
      expect(text === FIRST || text === SECOND, `kill ${count}`).toBe(true);
      expect(await readFile(outside, "utf8")).toBe(text);
    }
    process.stdout.write(`${halves} of ${KILLS} kills left a half text, and all were completed\n`);
    expect(await readdir(journal)).toEqual([]);
  });
});

/** Runs as a user that may write the file but neither replace it in its folder nor give it away. */
async function asNobody(path: string): Promise<readonly string[]> {
  const script = `
    import { FileTarget } from ${JSON.stringify(join(import.meta.dirname, "../../../src/adapters/file/file-target.ts"))};
    process.setgroups([]); process.setgid(65534); process.setuid(65534);
    const target = new FileTarget({ name: "frigate", path: ${JSON.stringify(path)}, format: {}, journal: ${JSON.stringify(journal)} });
    const { signal } = new AbortController();
    const said = [];
    const say = (error) => said.push(error.reason + ": " + error.message);
    await target.checkWritable(signal).catch(say);
    const { revision } = await target.read(signal);
    await target.write("a: 2\\n", revision, signal).then((outcome) => said.push(outcome.kind), say);
    console.log(JSON.stringify(said));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  return JSON.parse((await child.stdout.toArray()).join("")) as string[];
}

describe("somebody else's file", () => {
  test.each([
    ["in a closed folder", 0o755, 0o666],
    ["in a folder that is open", 0o777, 0o666],
  ])("that may be written, %s, is written in place: its owner stays", async (_name, folderMode, mode) => {
    const theirs = join(folder, "theirs");
    const path = join(theirs, "frigate.yml");
    await mkdir(theirs);
    await writeFile(path, "a: 1\n");
    await Promise.all([chown(path, 12_345, 23_456), chmod(path, mode), chmod(theirs, folderMode), chmod(folder, 0o755)]);
    await mkdir(journal, { recursive: true });
    await chown(journal, 65_534, 65_534);
    const before = await stat(path);
    expect(await asNobody(path)).toEqual(["written"]);
    expect(await readFile(path, "utf8")).toBe("a: 2\n");
    expect(await stat(path)).toMatchObject({ ino: before.ino, uid: 12_345, gid: 23_456 });
    expect(await readdir(theirs)).toEqual(["frigate.yml"]);
  });

  test("that may only be read is left alone, and the remedy is said", async () => {
    const path = join(folder, "theirs.yml");
    await writeFile(path, "a: 1\n");
    await Promise.all([chown(path, 12_345, 23_456), chmod(path, 0o644), chmod(folder, 0o755)]);
    await mkdir(journal, { recursive: true });
    await chown(journal, 65_534, 65_534);
    const said = await asNobody(path);
    expect(said).toHaveLength(2);
    for (const message of said) expect(message).toMatch(/^DocumentForbidden: no permission for .*theirs\.yml; give this program's user/);
    expect(await readFile(path, "utf8")).toBe("a: 1\n");
  });
});
