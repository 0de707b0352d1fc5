import { existsSync, mkdtempSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createHeartbeatFile } from "../../../src/adapters/file/heartbeat-file.ts";

const healthy = join(import.meta.dirname, "..", "..", "..", "addon", "healthy");

describe("the heartbeat's file", () => {
  let folder = "";
  let path = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "camera-shepherd-heartbeat-"));
    path = join(folder, "heartbeat");
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const asked = () => execa(healthy, [], { env: { CAMERA_SHEPHERD_HEARTBEAT: path }, reject: false });
  const aged = (seconds: number) => utimesSync(path, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);

  test("is made where it is missing, becomes young with each beat, and goes at the end", async () => {
    const heartbeat = createHeartbeatFile(path);
    await heartbeat.beat();
    expect(statSync(path)).toMatchObject({ size: 0 });
    aged(500);
    await heartbeat.beat();
    expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(5000);
    await heartbeat.end();
    expect(existsSync(path)).toBe(false);
    await expect(heartbeat.end()).resolves.toBeUndefined();
  });

  test("says so where its folder is not there", async () => {
    await expect(createHeartbeatFile(join(folder, "no", "heartbeat")).beat()).rejects.toThrow("ENOENT");
  });

  test("tells the image's health check who lives: a young one alone", async () => {
    const absent = await asked();
    expect(absent).toMatchObject({ exitCode: 1, stderr: "camera-shepherd has given no sign of life for a minute" });
    await createHeartbeatFile(path).beat();
    expect(await asked()).toMatchObject({ exitCode: 0, stderr: "" });
    aged(50);
    expect(await asked()).toMatchObject({ exitCode: 0 });
    aged(61);
    expect(await asked()).toMatchObject({ exitCode: 1 });
  });
});
