import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { execa } from "execa";
import type { ErrorChain, RunReport } from "./failure-reporter.ts";

/** A mistake that somebody could make, and the tests that have to notice it. */
export interface Mutant {
  readonly name: string;
  /** The file to change, from the root of the repository. */
  readonly file: string;
  /** Text that occurs exactly once in the file, and what takes its place. */
  readonly find: string;
  readonly replace: string;
  /** Test files, from the root of the repository. They run with `MUTANT=1` in the environment and may then try fewer examples. */
  readonly tests: readonly string[];
}

/**
 * `killed`: an assertion failed. `survived`: all tests passed, or none ran. `broken`: the run failed otherwise (a file that does not parse,
 * a program error, a time-out), which proves nothing about the tests.
 */
export type Outcome = "killed" | "survived" | "broken";

export interface Verdict {
  readonly mutant: Mutant;
  readonly outcome: Outcome;
  /** The test that noticed and what it said, or why nothing did. */
  readonly detail: string;
  readonly seconds: number;
}

const AT_ONCE = 2;
const RUN_LIMIT_MS = 180_000;
const COPIED = ["src", "tests", "script", "package.json", "tsconfig.json", "vitest.config.ts"];
const REPORTER = join("tests", "mutants", "failure-reporter.ts");

function occurrences(text: string, part: string): number {
  return part === "" ? 0 : text.split(part).length - 1;
}

async function copyOf(root: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const path of COPIED.filter((one) => existsSync(join(root, one)))) {
    await cp(join(root, path), join(folder, path), { recursive: true, filter: (from) => !from.split(sep).includes("node_modules") });
  }
  await cp(join(import.meta.dirname, "failure-reporter.ts"), join(folder, REPORTER));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
}

async function runTests(folder: string, tests: readonly string[]): Promise<RunReport | undefined> {
  const path = join(folder, "run-report.json");
  await rm(path, { force: true });
  // The first failure decides: without --bail a mutant that makes its tests wait costs every one's time limit.
  const flags = ["--bail=1", "--cache=false", "--fsModuleCache=false", "--maxWorkers=1", `--reporter=./${REPORTER}`];
  await execa(join(folder, "node_modules/.bin/vitest"), ["run", ...flags, ...tests], {
    cwd: folder,
    env: { MUTANT: "1", RUN_REPORT: path },
    reject: false,
    timeout: RUN_LIMIT_MS,
    maxBuffer: 10_000_000,
    stdin: "ignore",
  });
  return existsSync(path) ? (JSON.parse(await readFile(path, "utf8")) as RunReport) : undefined;
}

function isAssertion(chain: ErrorChain): boolean {
  return chain.some(({ name, message }) => name.startsWith("AssertionError") || message.startsWith("Property failed by returning false"));
}

function firstLine(chain: ErrorChain | undefined): string {
  const last = chain?.at(-1);
  return last === undefined ? "no error told" : `${last.name}: ${last.message.split("\n")[0]}`;
}

function judge(report: RunReport | undefined): { readonly outcome: Outcome; readonly detail: string } {
  if (report === undefined) return { outcome: "broken", detail: "the run left no report" };
  const noticed = report.failed.find(({ errors }) => errors.some(isAssertion));
  if (noticed !== undefined) return { outcome: "killed", detail: `${noticed.test}: ${firstLine(noticed.errors.find(isAssertion))}` };
  const [other] = report.failed;
  if (other !== undefined) return { outcome: "broken", detail: `${other.test}: ${firstLine(other.errors[0])}` };
  if (report.outside.length > 0) return { outcome: "broken", detail: firstLine(report.outside[0]) };
  return { outcome: "survived", detail: report.passed === 0 ? "no test ran" : `all ${report.passed} tests passed` };
}

async function tryMutant(mutant: Mutant, folder: string): Promise<Verdict> {
  const began = performance.now();
  const path = join(folder, mutant.file);
  const original = await readFile(path, "utf8");
  await writeFile(
    path,
    original.replace(mutant.find, () => mutant.replace),
  );
  try {
    return { mutant, ...judge(await runTests(folder, mutant.tests)), seconds: (performance.now() - began) / 1000 };
  } finally {
    await writeFile(path, original);
  }
}

/** What is wrong with `mutant` before it is tried: a text that is not found exactly once, no test, a test that is not there. */
export async function wrongWith(root: string, { file, find, replace, tests }: Mutant): Promise<readonly string[]> {
  const count = occurrences(await readFile(join(root, file), "utf8"), find);
  return [
    ...(count === 1 ? [] : [`the text to find occurs ${count} times in ${file}, not once`]),
    ...(find === replace ? ["it changes nothing"] : []),
    ...(tests.length === 0 ? ["it names no test"] : []),
    ...tests.filter((test) => !existsSync(join(root, test))).map((test) => `there is no ${test}`),
  ];
}

async function checkLists(root: string, mutants: readonly Mutant[]): Promise<void> {
  for (const mutant of mutants) {
    const [wrong] = await wrongWith(root, mutant);
    if (wrong !== undefined) throw new Error(`${mutant.name}: ${wrong}`);
  }
}

/**
 * Applies each mutant alone to a copy of the repository at `root` and runs its tests there, two at a time.
 * @returns a verdict for each mutant, in their order
 * @throws where a list is wrong (text not found exactly once, missing test file) or where the tests fail on the unchanged copy
 */
export async function runMutants(root: string, mutants: readonly Mutant[]): Promise<readonly Verdict[]> {
  await checkLists(root, mutants);
  const work = await mkdtemp(join(tmpdir(), "camera-shepherd-mutants-"));
  try {
    const folders = Array.from({ length: AT_ONCE }, (_, at) => join(work, String(at)));
    await Promise.all(folders.map((folder) => copyOf(root, folder)));
    const tests = [...new Set(mutants.flatMap((mutant) => mutant.tests))];
    const unchanged = await runTests(folders[0] ?? work, tests);
    const before = judge(unchanged);
    if (before.outcome !== "survived" || unchanged?.passed === 0) throw new Error(`the tests fail without any mutant: ${before.detail}`);
    const verdicts = new Map<Mutant, Verdict>();
    const waiting = mutants.values();
    await Promise.all(
      folders.map(async (folder) => {
        for (const mutant of waiting) verdicts.set(mutant, await tryMutant(mutant, folder));
      }),
    );
    return mutants.flatMap((mutant) => verdicts.get(mutant) ?? []);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The verdicts as a table, one line each. */
export function formatVerdicts(verdicts: readonly Verdict[]): string {
  const widest = Math.max(...verdicts.map(({ mutant }) => mutant.name.length));
  return verdicts
    .map(({ mutant, outcome, detail, seconds }) =>
      [
        outcome.padEnd(8),
        mutant.name.padEnd(widest),
        `${seconds.toFixed(1).padStart(5)} s`,
        dirname(mutant.file),
        detail.slice(0, 120),
      ].join("  "),
    )
    .join("\n");
}
