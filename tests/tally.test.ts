import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatTally, sum, tallyStep, worthAgain } from "../script/tally.ts";

const program = join(import.meta.dirname, "../script/tally.ts");
const root = join(import.meta.dirname, "..");

interface Counts {
  readonly passed?: number;
  readonly failed?: number;
  readonly pending?: number;
  readonly todo?: number;
}

function file(name: string, counts: Counts, message = "boom\n  at x"): object {
  const some = (status: string, count = 0) =>
    Array.from({ length: count }, (_, n) => ({
      status,
      fullName: `${status} ${n}`,
      failureMessages: status === "failed" ? [message] : [],
    }));
  return {
    name: join(root, name),
    status: (counts.failed ?? 0) > 0 ? "failed" : "passed",
    assertionResults: [
      ...some("passed", counts.passed),
      ...some("failed", counts.failed),
      ...some("pending", counts.pending),
      ...some("todo", counts.todo),
    ],
  };
}

describe("what script/test counts", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "camera-shepherd-tally-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function leave(step: string, exitCode: number, ...files: readonly object[]): void {
    writeFileSync(join(folder, `${step}.exit`), `${exitCode}\n`);
    if (files.length > 0) writeFileSync(join(folder, `${step}.json`), JSON.stringify({ testResults: files }));
  }

  async function tally(command: string, ...steps: readonly string[]) {
    return execa("node", [program, command, folder, ...steps], { preferLocal: true, localDir: root, cwd: root, reject: false });
  }

  it("counts a check once, by its exit code", () => {
    leave("lint", 0);
    leave("types", 2);
    expect(tallyStep(folder, "lint", false)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(tallyStep(folder, "types", false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(tallyStep(folder, "never-ran", false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it("counts tests by the report, to-dos as skipped", () => {
    leave("pure", 1, file("tests/a.test.ts", { passed: 4, failed: 2 }), file("tests/b.test.ts", { passed: 3, pending: 1, todo: 1 }));
    expect(tallyStep(folder, "pure", true)).toEqual({ passed: 7, failed: 2, skipped: 2 });
  });

  it("counts a file that could not be loaded as a failure", () => {
    leave("pure", 1, file("tests/a.test.ts", { passed: 7 }), {
      name: join(root, "tests/b.test.ts"),
      status: "failed",
      assertionResults: [],
    });
    expect(tallyStep(folder, "pure", true)).toEqual({ passed: 7, failed: 1, skipped: 0 });
  });

  it("counts a runner that failed without a failed test, that ran nothing, or that left no report, as a failure", () => {
    leave("pure", 1, file("tests/a.test.ts", { passed: 7 }));
    leave("real", 0, file("tests/a.test.ts", {}));
    leave("world", 0);
    expect(["pure", "real", "world"].map((step) => tallyStep(folder, step, true).failed)).toEqual([1, 1, 1]);
  });

  it("lets the second try of a file count, and of that file alone", () => {
    leave("lan", 1, file("tests/a.test.ts", { passed: 1, failed: 1 }), file("tests/b.test.ts", { passed: 3 }));
    leave("lan-again", 0, file("tests/a.test.ts", { passed: 2 }));
    expect(tallyStep(folder, "lan", true)).toEqual({ passed: 5, failed: 0, skipped: 0 });
    leave("lan-again", 1, file("tests/a.test.ts", { passed: 1, failed: 1 }));
    expect(tallyStep(folder, "lan", true)).toEqual({ passed: 4, failed: 1, skipped: 0 });
    leave("lan-again", 1, file("tests/a.test.ts", { passed: 2 }));
    expect(tallyStep(folder, "lan", true)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });

  it("tries few files again, and none where many failed", () => {
    const failing = (count: number) => Array.from({ length: count }, (_, n) => file(`tests/${n}.test.ts`, { passed: 1, failed: 2 }));
    leave("lan", 1, ...failing(2), file("tests/good.test.ts", { passed: 1 }));
    expect(worthAgain(folder, "lan")).toEqual(["tests/0.test.ts", "tests/1.test.ts"]);
    leave("lan", 1, ...failing(5));
    expect(worthAgain(folder, "lan")).toEqual([]);
    expect(worthAgain(folder, "never-ran")).toEqual([]);
  });

  it("names the files to try again, a line each", async () => {
    leave("real", 1, file("tests/a.real.test.ts", { failed: 1 }));
    expect((await tally("again", "real")).stdout).toBe("tests/a.real.test.ts");
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
    leave("pure", 0, file("tests/a.test.ts", { passed: 5 }));
    expect((await tally("count", "lint", "pure")).stdout).toBe("6 passed, 0 failed, 0 skipped");
    leave("pure", 0, file("tests/a.test.ts", { passed: 5, pending: 1 }));
    expect(await tally("count", "lint", "pure")).toMatchObject({ exitCode: 1, stdout: "6 passed, 0 failed, 1 skipped" });
    expect(await tally("count", "lint", "pure", "lan")).toMatchObject({ exitCode: 1, stdout: "6 passed, 1 failed, 1 skipped" });
  });

  it("names before that line whatever failed, also where the second try passed", async () => {
    leave("pure", 1, file("tests/a.test.ts", { passed: 5, failed: 1 }, "expected 1 to be 2\n at line"));
    leave("lan", 1, file("tests/b.test.ts", { passed: 1, failed: 1 }));
    leave("lan-again", 0, file("tests/b.test.ts", { passed: 2 }));
    expect((await tally("count", "pure", "lan")).stdout.split("\n")).toEqual([
      "test: pure: failed: tests/a.test.ts > failed 0: expected 1 to be 2",
      "test: lan: failed beside the rest, passed alone: tests/b.test.ts > failed 0: boom",
      "7 passed, 1 failed, 0 skipped",
    ]);
  });
});
