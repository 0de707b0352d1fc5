import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, it } from "vitest";
import { cacheFolder, part } from "../parts.ts";

const profile = readFileSync(join(import.meta.dirname, "..", "..", "apparmor.txt"), "utf8");

describe("apparmor.txt", () => {
  const folder = mkdtempSync(join(tmpdir(), "camera-shepherd-apparmor-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Compiles a profile, and loads it nowhere. */
  const compiled = (text: string) => {
    const file = join(folder, "profile");
    writeFileSync(file, text);
    const base = join(cacheFolder, "apparmor", "etc", "apparmor.d");
    return execa(
      part("apparmor", "sbin/apparmor_parser"),
      ["--skip-kernel-load", "--skip-cache", "--base", base, "--ofile", "/dev/null", file],
      { reject: false },
    );
  };

  it("is understood by AppArmor's own parser, under the name that the Supervisor gives it, too", async () => {
    expect(await compiled(profile)).toMatchObject({ exitCode: 0 });
    // supervisor/utils/apparmor.py, `adjust_profile`.
    const renamed = profile.replace(/^(profile )camera_shepherd /m, "$1a1b2c3d4_camera_shepherd ");
    expect(renamed).not.toBe(profile);
    expect(await compiled(renamed)).toMatchObject({ exitCode: 0 });
  });

  it("would be refused with a rule that AppArmor does not know", async () => {
    expect(await compiled(profile.replace("  capability net_raw,\n", "  capability net_rawer,\n"))).toMatchObject({ exitCode: 1 });
  });
});
