import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { parseStat, readTree } from "./process-tree.ts";

test("processor time is the sum of own and waited-for children's ticks", () => {
  const fields = "S 7 1 1 0 -1 4194304 100 0 0 0 12 3 40 5 20 0 1 0 100 1000 10";
  expect(parseStat(`42 (odd) name (x) ${fields}`)).toEqual({ pid: 42, parent: 7, command: "odd) name (x", cpu: 600 });
  expect(parseStat("")).toBeUndefined();
});

test("a process's tree has its children and their memory", async () => {
  const child = spawn("sleep", ["30"]);
  try {
    await once(child, "spawn");
    const tree = await readTree(process.pid);
    expect(tree.find((one) => one.pid === process.pid)?.pss).toBeGreaterThan(10_000_000);
    const found = tree.find((one) => one.pid === child.pid);
    expect(found?.pss).toBeGreaterThan(10_000);
    expect(await readTree(child.pid ?? 0)).toHaveLength(1);
  } finally {
    child.kill();
  }
});
