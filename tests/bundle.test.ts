import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const MOST_BYTES = 4_000_000;

describe("the bundle", () => {
  // Outside the repository, so that a package that is not bundled is not found.
  const folder = mkdtempSync(join(tmpdir(), "camera-shepherd-bundle-"));
  const bundle = join(folder, "camera-shepherd.mjs");
  const options = { cwd: folder, preferLocal: true, localDir: root, reject: false } as const;

  beforeAll(async () => {
    await execa("node", [join(root, "script/build.mjs"), folder], { cwd: root, preferLocal: true });
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("starts and tells its usage", async () => {
    const run = await execa("node", [bundle, "--help"], options);
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    expect(run.stdout).toContain("camera-shepherd");
  });

  it("refuses bad usage with exit code 64", async () => {
    expect(await execa("node", [bundle, "no-such-command"], options)).toMatchObject({ exitCode: 64 });
  });

  it("stays small", () => expect(statSync(bundle).size).toBeLessThan(MOST_BYTES));
});
