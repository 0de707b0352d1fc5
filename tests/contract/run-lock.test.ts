import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createRunLock } from "../../src/adapters/sqlite/run-lock.ts";
import type { RunLock } from "../../src/ports/run-lock.ts";
import { FakeRunLock, type SharedRun } from "../fakes/fake-run-lock.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const made: RunLock[] = [];
afterEach(() => {
  for (const lock of made.splice(0)) lock.release();
});

const lockPath = (): string => join(temporaryFolder(), "a.run");

/** Makes two locks as two copies of the program have them on one memory. */
const kinds: readonly (readonly [string, () => readonly [RunLock, RunLock]])[] = [
  [
    "the fake",
    () => {
      const shared: SharedRun = { holder: undefined };
      return [new FakeRunLock(shared), new FakeRunLock(shared)];
    },
  ],
  [
    "sqlite",
    () => {
      const path = lockPath();
      return [createRunLock(path), createRunLock(path)];
    },
  ],
];

describe.each(kinds)("%s as a run lock", (_name, create) => {
  test("one has it, the other sees that, and gets it afterwards", () => {
    const [one, other] = create();
    made.push(one, other);
    expect(one.folder).toMatch(/^\//);
    expect(other.folder).toBe(one.folder);
    expect([one.isTaken(), other.isTaken()]).toEqual([false, false]);
    expect([one.take(), one.take(), one.isTaken()]).toEqual([true, true, false]);
    expect([other.isTaken(), other.take()]).toEqual([true, false]);
    other.release();
    expect(other.isTaken()).toBe(true);
    one.release();
    expect([other.isTaken(), other.take(), one.isTaken()]).toEqual([false, true, true]);
  });
});

describe("the lock of a process that is killed", () => {
  test("is free at once, and its file belongs to the user alone", async () => {
    const path = lockPath();
    const module = join(import.meta.dirname, "..", "..", "src", "adapters", "sqlite", "run-lock.ts");
    const program = `import { createRunLock } from ${JSON.stringify(module)}; const lock = createRunLock(${JSON.stringify(path)}); console.log(lock.take()); setInterval(() => lock, 1e6);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    const lock = createRunLock(path);
    made.push(lock);
    expect([String(said).trim(), lock.isTaken()]).toEqual(["true", true]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect([lock.isTaken(), lock.take()]).toEqual([false, true]);
  });
});
