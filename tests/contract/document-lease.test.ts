import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { FileLease } from "../../src/adapters/file/file-lease.ts";
import { minutes } from "../../src/domain/duration.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { documentLeaseContract } from "./document-lease.ts";
import { FakeLease, type SharedLease } from "../fakes/fake-lease.ts";

const signal = new AbortController().signal;
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, force: true });
  }
});

function folderWithDocument(): string {
  const folder = mkdtempSync(join(tmpdir(), "lease-"));
  folders.push(folder);
  writeFileSync(join(folder, "config.yml"), "cameras: {}\n");
  return folder;
}

documentLeaseContract("the fake", () => {
  const shared: SharedLease = { held: undefined };
  return (id, clock) => new FakeLease(shared, clock, id);
});

documentLeaseContract("a file", () => {
  const path = join(folderWithDocument(), "config.yml");
  return (id, clock) => new FileLease({ path, clock, id: () => id });
});

describe("a lease in a file", () => {
  const leaseOf = (folder: string, id: string, clock: Clock = new FakeClock(), name = "config.yml"): FileLease =>
    new FileLease({ path: join(folder, name), clock, id: () => id });

  test("of many that want it at the same moment exactly one gets it, and nothing is left lying about", async () => {
    const folder = folderWithDocument();
    for (let round = 0; round < 20; round += 1) {
      const all = Array.from({ length: 8 }, (_, index) => leaseOf(folder, `copy ${String(index)}`));
      const outcomes = await Promise.all(all.map((lease) => lease.take(signal)));
      expect(outcomes.filter(({ kind }) => kind === "ours")).toHaveLength(1);
      expect(outcomes.filter(({ kind }) => kind === "none")).toEqual([]);
      expect(readdirSync(folder).toSorted()).toEqual([".config.yml.camera-shepherd.lease", "config.yml"]);
      for (const lease of all) await lease.release();
      expect(readdirSync(folder)).toEqual(["config.yml"]);
    }
  });

  test("of many that find one that ran out exactly one gets it", async () => {
    const folder = folderWithDocument();
    for (let round = 0; round < 20; round += 1) {
      const clock = new FakeClock();
      await leaseOf(folder, "dead", clock).take(signal);
      await clock.advance(minutes(16));
      const all = Array.from({ length: 8 }, (_, index) => leaseOf(folder, `copy ${String(index)}`, clock));
      const outcomes = await Promise.all(all.map((lease) => lease.take(signal)));
      expect(outcomes.filter(({ kind }) => kind === "ours")).toHaveLength(1);
      for (const lease of all) await lease.release();
    }
  });

  test("a copy whose clock is nine minutes ahead does not take it; eleven past its end, a copy that looks once does", async () => {
    const folder = folderWithDocument();
    const clock = new FakeClock();
    await leaseOf(folder, "one", clock).take(signal);
    await clock.advance(minutes(14));
    expect(await leaseOf(folder, "ahead", clock).take(signal)).toMatchObject({ kind: "theirs" });
    await clock.advance(minutes(2));
    expect(await leaseOf(folder, "later", clock).take(signal)).toEqual({ kind: "ours" });
  });

  test("holds no secret, and names machine and process", async () => {
    const folder = folderWithDocument();
    await leaseOf(folder, "one").take(signal);
    const lease = JSON.parse(readFileSync(join(folder, ".config.yml.camera-shepherd.lease"), "utf8")) as object;
    expect(Object.keys(lease).toSorted()).toEqual(["host", "id", "nonce", "pid", "since", "until"]);
    expect(lease).toMatchObject({ pid: process.pid });
  });

  test("lies beside the file that a symbolic link leads to, so that both ways are one", async () => {
    const folder = folderWithDocument();
    const elsewhere = folderWithDocument();
    symlinkSync(join(folder, "config.yml"), join(elsewhere, "link.yml"));
    expect(await leaseOf(elsewhere, "one", new FakeClock(), "link.yml").take(signal)).toEqual({ kind: "ours" });
    expect(await leaseOf(folder, "other").take(signal)).toMatchObject({ kind: "theirs" });
  });

  test("a damaged one counts as somebody else's until it was watched for its span", async () => {
    const folder = folderWithDocument();
    const clock = new FakeClock();
    writeFileSync(join(folder, ".config.yml.camera-shepherd.lease"), "{");
    const lease = leaseOf(folder, "one", clock);
    expect(await lease.take(signal)).toMatchObject({ kind: "theirs" });
    await clock.advance(minutes(5));
    expect(await lease.take(signal)).toEqual({ kind: "ours" });
  });

  test("where there is no document or no folder to write in, there is none, and it is said", async () => {
    const folder = folderWithDocument();
    expect(await leaseOf(folder, "one", new FakeClock(), "missing.yml").take(signal)).toMatchObject({
      kind: "none",
      why: expect.stringContaining("ENOENT"),
    });
    expect(await new FileLease({ path: "/proc/version", clock: new FakeClock(), id: () => "one" }).take(signal)).toMatchObject({
      kind: "none",
    });
  });
});
