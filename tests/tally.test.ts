import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatTally, sum, tallyStep } from "../script/tally.ts";

const program = join(import.meta.dirname, "../script/tally.ts");

describe("what script/test counts", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "camera-shepherd-tally-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function leave(step: string, exitCode: number, report?: object): void {
    writeFileSync(join(folder, `${step}.exit`), `${exitCode}\n`);
    if (report !== undefined) writeFileSync(join(folder, `${step}.json`), JSON.stringify(report));
  }

  function report(passed: number, failed: number, pending = 0, todo = 0, files: readonly object[] = []): object {
    return { numPassedTests: passed, numFailedTests: failed, numPendingTests: pending, numTodoTests: todo, testResults: files };
  }

  it("counts a check once, by its exit code", () => {
    leave("lint", 0);
    leave("types", 2);
    expect(tallyStep(folder, "lint", false)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(tallyStep(folder, "types", false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(tallyStep(folder, "never-ran", false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it("counts tests by the report, to-dos as skipped", () => {
    leave("pure", 1, report(7, 2, 1, 1));
    expect(tallyStep(folder, "pure", true)).toEqual({ passed: 7, failed: 2, skipped: 2 });
  });

  it("counts a file that could not be loaded as a failure", () => {
    leave("pure", 1, report(7, 0, 0, 0, [{ status: "failed", assertionResults: [] }]));
    expect(tallyStep(folder, "pure", true)).toEqual({ passed: 7, failed: 1, skipped: 0 });
  });

  it("counts a runner that failed without a failed test, that ran nothing, or that left no report, as a failure", () => {
    leave("pure", 1, report(7, 0));
    leave("real", 0, report(0, 0));
    leave("world", 0);
    expect(["pure", "real", "world"].map((step) => tallyStep(folder, step, true).failed)).toEqual([1, 1, 1]);
  });

  it("adds up", () => {
    expect(
      formatTally(
        sum([
          { passed: 1, failed: 0, skipped: 2 },
          { passed: 3, failed: 4, skipped: 0 },
        ]),
      ),
    ).toBe("4 passed, 4 failed, 2 skipped");
  });

  it("ends with one line, and with 1 where anything failed or was skipped", async () => {
    leave("lint", 0);
    leave("pure", 0, report(5, 0));
    const good = await execa("node", [program, folder, "lint", "pure"], { preferLocal: true });
    expect(good.stdout).toBe("6 passed, 0 failed, 0 skipped");
    leave("pure", 0, report(5, 0, 1));
    const skipped = await execa("node", [program, folder, "lint", "pure"], { preferLocal: true, reject: false });
    expect(skipped).toMatchObject({ exitCode: 1, stdout: "6 passed, 0 failed, 1 skipped" });
    const missing = await execa("node", [program, folder, "lint", "pure", "world"], { preferLocal: true, reject: false });
    expect(missing).toMatchObject({ exitCode: 1, stdout: "6 passed, 1 failed, 1 skipped" });
  });
});
