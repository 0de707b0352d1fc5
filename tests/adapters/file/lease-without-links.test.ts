import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { FileLease } from "../../../src/adapters/file/file-lease.ts";
import { minutes } from "../../../src/domain/duration.ts";
import { documentLeaseContract } from "../../contract/document-lease.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

// As AppArmor refuses link(2) without `l`.
vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof import("node:fs/promises")>()),
  link: () => Promise.reject(Object.assign(new Error("permission denied, link"), { code: "EACCES" })),
}));

const signal = new AbortController().signal;
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folderWithDocument(): string {
  const folder = mkdtempSync(join(tmpdir(), "lease-"));
  folders.push(folder);
  writeFileSync(join(folder, "config.yml"), "cameras: {}\n");
  return folder;
}

documentLeaseContract("a file where no links are allowed", () => {
  const path = join(folderWithDocument(), "config.yml");
  return (id, clock) => new FileLease({ path, clock, id: () => id });
});

describe("a lease where no links are allowed", () => {
  it("is had by exactly one of many, also when one before it ran out, and leaves nothing about", async () => {
    const folder = folderWithDocument();
    const path = join(folder, "config.yml");
    for (let round = 0; round < 10; round += 1) {
      const clock = new FakeClock();
      const all = Array.from({ length: 8 }, (_, index) => new FileLease({ path, clock, id: () => `copy ${String(index)}` }));
      const first = await Promise.all(all.map((lease) => lease.take(signal)));
      expect(first.filter(({ kind }) => kind === "ours")).toHaveLength(1);
      await clock.advance(minutes(16));
      const others = Array.from({ length: 8 }, (_, index) => new FileLease({ path, clock, id: () => `other ${String(index)}` }));
      const second = await Promise.all(others.map((lease) => lease.take(signal)));
      expect(second.filter(({ kind }) => kind === "ours")).toHaveLength(1);
      for (const lease of others) await lease.release();
      expect(readdirSync(folder)).toEqual(["config.yml"]);
    }
  });
});
