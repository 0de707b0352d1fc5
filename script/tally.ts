import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How many tests ended how. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of Vitest's JSON report that is counted (vitest 5, packages/vitest/src/node/reporters/json.ts). */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

const PASSED: Tally = { passed: 1, failed: 0, skipped: 0 };
const FAILED: Tally = { passed: 0, failed: 1, skipped: 0 };

/**
 * What one step of `script/test` came to, by the files that it left in `folder`: `STEP.exit` with its exit code, and `STEP.json` where
 * Vitest ran. A step without a report is one check. A file that failed outside its tests counts as one failure, as does a runner that
 * failed without saying why, or left no exit code.
 */
export function tallyStep(folder: string, step: string, reported: boolean): Tally {
  const exitFile = join(folder, `${step}.exit`);
  const succeeded = existsSync(exitFile) && readFileSync(exitFile, "utf8").trim() === "0";
  if (!reported) return succeeded ? PASSED : FAILED;
  const reportFile = join(folder, `${step}.json`);
  if (!existsSync(reportFile)) return FAILED;
  const report = JSON.parse(readFileSync(reportFile, "utf8")) as Report;
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every((one) => one.status !== "failed"),
  );
  const failed = report.numFailedTests + broken.length;
  const unexplained = failed === 0 && (!succeeded || report.numPassedTests === 0) ? 1 : 0;
  return { passed: report.numPassedTests, failed: failed + unexplained, skipped: report.numPendingTests + report.numTodoTests };
}

/** The sum of several tallies. */
export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce((all, one) => ({
    passed: all.passed + one.passed,
    failed: all.failed + one.failed,
    skipped: all.skipped + one.skipped,
  }));
}

/** `N passed, N failed, N skipped`. */
export function formatTally({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** The steps that Vitest runs. */
const REPORTED = new Set(["pure", "real", "lan", "scenarios"]);

if (import.meta.main) {
  const [folder, ...steps] = process.argv.slice(2);
  if (folder === undefined || steps.length === 0) throw new Error("usage: node script/tally.ts FOLDER STEP…");
  const total = sum(steps.map((step) => tallyStep(folder, step, REPORTED.has(step))));
  console.log(formatTally(total));
  if (total.failed > 0 || total.skipped > 0) process.exitCode = 1;
}
