import { type ChildProcess, spawn } from "node:child_process";
import { chmod, chown, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileTarget } from "../../../src/adapters/file/file-target.ts";
import { frigateDocument } from "../../../src/adapters/frigate/document.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";

const KILLS = process.env["LONG"] === undefined ? 10 : 100;
const FIRST = "first: line\n";
const SECOND = "second: another line\n";
const OLD_OR_NEW = new Set([FIRST.repeat(5000), SECOND.repeat(4000)]);

let folder = "";
let path = "";
const children = new Set<ChildProcess>();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "file-target-"));
  path = join(folder, "frigate.yml");
  await writeFile(path, FIRST.repeat(5000));
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  await rm(folder, { recursive: true, force: true });
});

function target(): FileTarget {
  return new FileTarget({ name: "frigate" as TargetName, path, format: frigateDocument({ environment: new Map() }) });
}

/** Starts a process that writes in a loop, and kills it after a random while. */
async function writeAndKill(): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "file-target-writer.ts"), path, FIRST, SECOND], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await Promise.race([new Promise((resolve) => child.stdout.once("data", resolve)), ended]);
  expect(child.exitCode).toBeNull();
  await wait(Math.random() * 60);
  child.kill("SIGKILL");
  await ended;
  children.delete(child);
}

test(
  `killed ${KILLS} times while it writes, the file is the old or the new text, and nothing is left behind`,
  { timeout: KILLS * 5000 },
  async () => {
    let leftovers = 0;
    for (let count = 0; count < KILLS; count += 1) {
      await writeAndKill();
      expect(OLD_OR_NEW.has(await readFile(path, "utf8"))).toBe(true);
      leftovers = Math.max(leftovers, (await readdir(folder)).length - 1);
    }
    expect(leftovers).toBeLessThanOrEqual(1);
    const { signal } = new AbortController();
    const { revision } = await target().read(signal);
    await target().write("last: 1\n", revision, signal);
    expect(await readdir(folder)).toEqual(["frigate.yml"]);
  },
);

test("without permission nothing is written, and the message says what to do", async () => {
  if (process.geteuid?.() === 0) await Promise.all([chown(path, 0, 0), chown(folder, 0, 0)]);
  await chmod(path, 0o444);
  await chmod(folder, 0o555);
  const script = `
    import { FileTarget } from ${JSON.stringify(join(import.meta.dirname, "../../../src/adapters/file/file-target.ts"))};
    if (process.geteuid() === 0) process.setuid(65534);
    const target = new FileTarget({ name: "frigate", path: ${JSON.stringify(path)}, format: {} });
    const { signal } = new AbortController();
    const { revision } = await target.read(signal);
    const said = [];
    for (const act of [() => target.checkWritable(signal), () => target.write("a: 1", revision, signal)]) await act().catch((error) => said.push([error.reason, error.message]));
    console.log(JSON.stringify(said));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  const output = (await child.stdout.toArray()).join("");
  await chmod(folder, 0o755);
  const said = JSON.parse(output) as [string, string][];
  expect(said.map(([reason]) => reason)).toEqual(["DocumentForbidden", "DocumentForbidden"]);
  for (const [, message] of said) expect(message).toMatch(/permission .*(frigate\.yml|file-target-)/);
  expect(await readFile(path, "utf8")).toBe(FIRST.repeat(5000));
});
