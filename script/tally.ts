import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** How many tests ended how. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One test that failed, or a file that could not be loaded (`test` is empty then). */
export interface Failure {
  readonly file: string;
  readonly test: string;
  /** The first line of what was said. */
  readonly message: string;
}

/** The part of Vitest's JSON report that is counted (vitest 5, packages/vitest/src/node/reporters/json.ts). */
interface Report {
  readonly testResults: readonly FileResult[];
}

interface FileResult {
  /** The file's absolute path. */
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages?: readonly string[];
  }[];
}

const PASSED: Tally = { passed: 1, failed: 0, skipped: 0 };
const FAILED: Tally = { passed: 0, failed: 1, skipped: 0 };

/** More files than this are not noise: the change is broken, and a second try would only cost time. */
const MOST_TRIED_AGAIN = 4;

/**
 * What one step of `script/test` came to, by the files that it left in `folder`: `STEP.exit` with its exit code, and `STEP.json` where
 * Vitest ran. Where files were run a second time (`STEP-again.json`), the second result of these files counts. A step without a report is
 * one check. A file that failed outside its tests counts as one failure, as does a runner that failed without saying why, or left no exit
 * code.
 */
export function tallyStep(folder: string, step: string, reported: boolean): Tally {
  if (!reported) return succeeded(folder, step) ? PASSED : FAILED;
  const files = lastResults(folder, step);
  if (files === null) return FAILED;
  const count = (...statuses: string[]) =>
    files.flatMap((file) => file.assertionResults).filter((one) => statuses.includes(one.status)).length;
  const passed = count("passed");
  const failed = count("failed") + files.filter(brokenOutsideTests).length;
  const ended = succeeded(folder, existsSync(join(folder, `${step}-again.exit`)) ? `${step}-again` : step);
  const unexplained = failed === 0 && (!ended || passed === 0) ? 1 : 0;
  return { passed, failed: failed + unexplained, skipped: count("pending", "skipped", "todo", "disabled") };
}

/** What failed in a step's own run (its first one), in the order of the report; nothing where it left no report. */
export function failures(folder: string, step: string): readonly Failure[] {
  return (read(folder, step) ?? []).flatMap((file) => {
    const name = relative(process.cwd(), file.name);
    if (brokenOutsideTests(file)) return [{ file: name, test: "", message: firstLine(file.message) }];
    return file.assertionResults
      .filter((one) => one.status === "failed")
      .map((one) => ({ file: name, test: one.fullName, message: firstLine(one.failureMessages?.[0]) }));
  });
}

/** The files worth a second try: those that failed, or none where too many did. */
export function worthAgain(folder: string, step: string): readonly string[] {
  const files = [...new Set(failures(folder, step).map((one) => one.file))];
  return files.length > MOST_TRIED_AGAIN ? [] : files;
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

function succeeded(folder: string, step: string): boolean {
  const file = join(folder, `${step}.exit`);
  return existsSync(file) && readFileSync(file, "utf8").trim() === "0";
}

function read(folder: string, step: string): readonly FileResult[] | null {
  const file = join(folder, `${step}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report).testResults : null;
}

function lastResults(folder: string, step: string): readonly FileResult[] | null {
  const first = read(folder, step);
  const again = read(folder, `${step}-again`);
  if (first === null || again === null) return first;
  const second = new Map(again.map((file) => [file.name, file]));
  return first.map((file) => second.get(file.name) ?? file);
}

function brokenOutsideTests(file: FileResult): boolean {
  return file.status === "failed" && file.assertionResults.every((one) => one.status !== "failed");
}

function firstLine(message: string | undefined): string {
  return (message ?? "nothing was said").split("\n", 1)[0] ?? "";
}

/** A line for everything that failed at first, and what the second try said of its file. */
function story(folder: string, step: string): readonly string[] {
  const again = read(folder, `${step}-again`);
  const second = new Map(again?.map((file) => [relative(process.cwd(), file.name), file.status]));
  return failures(folder, step).map(({ file, test, message }) => {
    const outcome = second.get(file);
    const what = outcome === undefined ? "failed" : outcome === "passed" ? "failed beside the rest, passed alone" : "failed twice";
    return `test: ${step}: ${what}: ${file}${test === "" ? "" : ` > ${test}`}: ${message.slice(0, 400)}`;
  });
}

/** The steps that Vitest runs. */
const REPORTED = new Set(["pure", "real", "lan", "scenarios"]);

if (import.meta.main) {
  const [command, folder, ...steps] = process.argv.slice(2);
  if ((command !== "again" && command !== "count") || folder === undefined || steps.length === 0) {
    throw new Error("usage: node script/tally.ts again|count FOLDER STEP…");
  }
  if (command === "again") {
    for (const file of steps.flatMap((step) => worthAgain(folder, step))) console.log(file);
  } else {
    for (const line of steps.flatMap((step) => story(folder, step))) console.log(line);
    const total = sum(steps.map((step) => tallyStep(folder, step, REPORTED.has(step))));
    console.log(formatTally(total));
    if (total.failed > 0 || total.skipped > 0) process.exitCode = 1;
  }
}
