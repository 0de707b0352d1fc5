import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new folder for the test that runs. It is removed, with all that is in it, after what the test asks for from now on is done at its end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "camera-shepherd-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
