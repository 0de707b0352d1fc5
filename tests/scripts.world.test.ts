import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "./world/waiting.ts";

const inWorld = join(import.meta.dirname, "../script/in-world");

/** unshare, the first process of the namespace, and the command. */
async function descendantsOf(pid: number): Promise<number[]> {
  const { stdout } = await execa("ps", ["-o", "pid=", "--ppid", String(pid)], { reject: false });
  const children = stdout
    .split("\n")
    .map(Number)
    .filter((child) => child > 0);
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("script/in-world", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "camera-shepherd-in-world-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("says nothing where it can work", async () => {
    expect(await execa(inWorld, ["--check"])).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  });

  it("gives the command interfaces of its own, passes on its exit code, and keeps what it made from everybody else", async () => {
    const before = (await execa("ip", ["netns"])).stdout;
    const run = await execa(inWorld, ["sh", "-c", "ip netns add inner-home && ip netns && ip -brief link; exit 7"], { reject: false });
    expect(run.exitCode).toBe(7);
    expect(run.stdout.split("\n").map((line) => line.split(/[ @]/)[0])).toEqual(["inner-home", "lo"]);
    expect((await execa("ip", ["netns"])).stdout).toBe(before);
  });

  it("keeps a DHCP client inside from writing the resolver of the machine outside", async () => {
    const before = await readFile("/etc/resolv.conf", "utf8");
    const run = await execa(inWorld, ["sh", "-c", "echo nameserver 192.0.2.53 > /etc/resolv.conf; cat /etc/resolv.conf"], {
      reject: false,
    });
    expect(run).toMatchObject({ exitCode: 0, stdout: "" });
    expect(await readFile("/etc/resolv.conf", "utf8")).toBe(before);
  });

  it("lets the command end in its own way when it is asked to stop", async () => {
    const started = join(folder, "started");
    const run = execa(inWorld, ["sh", "-c", `trap 'echo tidied; exit 4' TERM; touch ${started}; while :; do sleep 0.1; done`], {
      reject: false,
    });
    await eventually("the command has started", () => existsSync(started), 5_000);
    run.kill("SIGTERM");
    expect(await run).toMatchObject({ exitCode: 4, stdout: "tidied" });
  });

  it("leaves nothing running when it is killed", async () => {
    const started = join(folder, "started");
    const run = execa(inWorld, ["sh", "-c", `touch ${started}; exec sleep 60`], { reject: false, stdin: "ignore" });
    await eventually("the command has started", () => existsSync(started), 5_000);
    const descendants = await descendantsOf(run.pid ?? 0);
    expect(descendants.length).toBeGreaterThanOrEqual(3);
    run.kill("SIGKILL");
    await run;
    await eventually("every process has ended", () => descendants.every((pid) => !isAlive(pid)), 5_000);
  });
});
