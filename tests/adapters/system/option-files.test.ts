import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { systemOptionFiles } from "../../../src/adapters/system/option-files.ts";

const folder = mkdtempSync(join(tmpdir(), "option-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

const { signal } = new AbortController();
const files = systemOptionFiles({ S3_BUCKET: "a" });

it("shows the environment as it was given", () => {
  expect(files.environment).toEqual({ S3_BUCKET: "a" });
  expect(files.home.startsWith("/")).toBe(true);
});

it("names the user's folder, also for a user whom the machine does not know", () => {
  expect(systemOptionFiles({ HOME: "/home/anna" }).home).toBe("/home/anna");
  const unknown = (): string => {
    throw new Error("uv_os_homedir returned ENOENT (no such file or directory)");
  };
  expect(systemOptionFiles({}, unknown).home).toBe("/");
  expect(systemOptionFiles({ HOME: "" }, unknown).home).toBe("/");
});

it("reads text, and undefined where there is no file", async () => {
  writeFileSync(join(folder, "a"), "grüß\n");
  expect(await files.read(join(folder, "a"), signal)).toEqual({ kind: "text", text: "grüß\n" });
  expect(await files.read(join(folder, "none"), signal)).toEqual({ kind: "missing" });
  expect(await files.read(join(folder, "a", "below"), signal)).toEqual({ kind: "missing" });
});

it("says why a file cannot be read", async () => {
  writeFileSync(join(folder, "bytes"), Uint8Array.of(0xff, 0xfe, 0x00));
  writeFileSync(join(folder, "large"), "x".repeat(1024 * 1024 + 1));
  symlinkSync("circle", join(folder, "circle"));
  expect(await files.read(folder, signal)).toEqual({ kind: "unreadable", why: "it is a folder" });
  expect(await files.read(join(folder, "bytes"), signal)).toEqual({ kind: "unreadable", why: "it is not text in UTF-8" });
  expect(await files.read(join(folder, "large"), signal)).toEqual({ kind: "unreadable", why: "it is larger than 1 MiB" });
  expect(await files.read(join(folder, "circle"), signal)).toEqual({ kind: "unreadable", why: "its links go in a circle" });
  expect(await files.read("/proc/self/mem", signal)).toEqual({ kind: "unreadable", why: "EIO" });
});

it("stops when it is told to", async () => {
  await expect(files.read(join(folder, "a"), AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
});
