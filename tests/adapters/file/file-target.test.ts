import { chmod, chown, link, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FileTarget } from "../../../src/adapters/file/file-target.ts";
import { targetError } from "../../../src/adapters/file/target-error.ts";
import { frigateDocument } from "../../../src/adapters/frigate/document.ts";
import type { TargetError, TargetName } from "../../../src/ports/config-target.ts";
import { configTargetContract } from "../../contract/config-target.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const never = () => new AbortController().signal;
const isRoot = process.geteuid?.() === 0;

function targetAt(path: string): FileTarget {
  return new FileTarget({ name: "frigate" as TargetName, path, format: frigateDocument({ environment: new Map() }) });
}

async function written(text = "a: 1\n"): Promise<{ readonly path: string; readonly target: FileTarget; readonly within: string }> {
  const within = temporaryFolder();
  const path = join(within, "frigate.yml");
  await writeFile(path, text);
  return { path, target: targetAt(path), within };
}

configTargetContract("a file", async (text) => {
  const { path, target } = await written(text);
  return { target, bytes: () => readFile(path), edit: (bytes) => writeFile(path, bytes), remove: () => rm(path) };
});

configTargetContract("a file behind a symbolic link", async (text) => {
  const { path, within } = await written(text);
  const named = join(within, "link.yml");
  await symlink("frigate.yml", named);
  return { target: targetAt(named), bytes: () => readFile(path), edit: (bytes) => writeFile(path, bytes), remove: () => rm(path) };
});

describe("a file that is just being written by a program that empties it first", () => {
  test("is read once it is filled; one that stays empty is empty", async () => {
    const { path, target } = await written("");
    const reading = target.read(never());
    setTimeout(() => void writeFile(path, "a: 2\n"), 30);
    expect((await reading).text).toBe("a: 2\n");
    await writeFile(path, "");
    expect((await target.read(never())).text).toBe("");
  });
});

describe("a file", () => {
  test("keeps its mode, and its owner where the program may give files away", async () => {
    const { path, target } = await written();
    await chmod(path, 0o640);
    if (isRoot) await chown(path, 12_345, 23_456);
    const { uid, gid } = await stat(path);
    const { revision } = await target.read(never());
    expect((await target.write("a: 2\n", revision, never())).kind).toBe("written");
    const after = await stat(path);
    expect({ mode: after.mode & 0o7777, uid: after.uid, gid: after.gid }).toEqual({ mode: 0o640, uid, gid });
  });

  test("is replaced behind its symbolic link, which stays", async () => {
    const { path, within } = await written();
    const named = join(within, "link.yml");
    await symlink(path, named);
    const target = targetAt(named);
    const { revision } = await target.read(never());
    await target.write("a: 2\n", revision, never());
    expect((await lstat(named)).isSymbolicLink()).toBe(true);
    expect(await readFile(path, "utf8")).toBe("a: 2\n");
  });

  test("is replaced, never written into: who has it open reads the old text to its end", async () => {
    const { path, target, within } = await written();
    await link(path, join(within, "second-name.yml"));
    const { revision } = await target.read(never());
    await target.write("a: 2\n", revision, never());
    expect(await readFile(join(within, "second-name.yml"), "utf8")).toBe("a: 1\n");
  });

  test("leaves no other file behind, and removes what a killed run left", async () => {
    const { target, within } = await written();
    await writeFile(join(within, ".frigate.yml.0000.camera-shepherd.tmp"), "half a te");
    await writeFile(join(within, ".other.yml.0000.camera-shepherd.tmp"), "another document's");
    await writeFile(join(within, "frigate.yml.tmp"), "somebody's own");
    const { revision } = await target.read(never());
    await target.write("a: 2\n", revision, never());
    expect((await readdir(within)).toSorted()).toEqual([".other.yml.0000.camera-shepherd.tmp", "frigate.yml", "frigate.yml.tmp"]);
  });

  test("leaves no other file behind where it turns out stale", async () => {
    const { path, target, within } = await written();
    const { revision } = await target.read(never());
    await writeFile(path, "a: 3\n");
    expect((await target.write("a: 2\n", revision, never())).kind).toBe("stale");
    expect(await readdir(within)).toEqual(["frigate.yml"]);
  });

  test("that is a folder is refused by name", async () => {
    const within = temporaryFolder();
    await mkdir(join(within, "frigate.yml"));
    const target = targetAt(join(within, "frigate.yml"));
    await expect(target.read(never())).rejects.toMatchObject({
      reason: "DocumentUnreadable",
      message: expect.stringContaining("is not a file") as string,
    });
  });

  test("that is far too large is refused", async () => {
    const { target } = await written(" ".repeat(9 * 1024 * 1024));
    await expect(target.read(never())).rejects.toMatchObject({
      reason: "DocumentUnreadable",
      message: expect.stringContaining("8 MiB") as string,
    });
  });

  test("that is a symbolic link to nothing is missing", async () => {
    const within = temporaryFolder();
    await symlink("nowhere.yml", join(within, "frigate.yml"));
    await expect(targetAt(join(within, "frigate.yml")).read(never())).rejects.toMatchObject({ reason: "DocumentMissing" });
  });
});

test.each([
  ["ENOENT", "DocumentMissing", "correct the path"],
  ["EACCES", "DocumentForbidden", "read and write permission"],
  ["EPERM", "DocumentForbidden", "read and write permission"],
  ["EROFS", "DocumentForbidden", "mount it writable"],
  ["EBUSY", "DocumentForbidden", "mount its folder"],
  ["ENOSPC", "DocumentForbidden", "free some space"],
  ["ELOOP", "DocumentUnreadable", "symbolic link"],
] as const)("%s becomes %s with a remedy", (code, reason, remedy) => {
  const cause = Object.assign(new Error("failed"), { code });
  const error = targetError("/config/frigate.yml", "/config", cause) as TargetError;
  expect(error).toMatchObject({ name: "TargetError", reason, cause });
  expect(error.message).toContain("/config");
  expect(error.message).toContain(remedy);
});

test("an error that is not the file system's stays what it is", () => {
  const error = new TypeError("a mistake of ours");
  expect(targetError("/config/frigate.yml", "/config", error)).toBe(error);
});
