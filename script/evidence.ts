import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, relative } from "node:path";
import { formatTally, sum, tallyStep } from "./tally.ts";

/** The part of Vitest's JSON report that is shown (vitest 5, packages/vitest/src/node/reporters/json.ts). */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly unknown[];
  }[];
}

const ROOT = join(import.meta.dirname, "..");

/**
 * What a long run of `script/test` came to, as a page: the date, the commit, each step, and each file of tests with its count and its seconds.
 * @param folder where the steps left `STEP.exit`, `STEP.seconds` and, where Vitest ran, `STEP.json`
 * @param commit what was tested
 */
export function evidencePage(folder: string, steps: readonly string[], commit: string, at: Date): string {
  const reported = (step: string): boolean => existsSync(join(folder, `${step}.json`));
  const tallies = steps.map((step) => [step, tallyStep(folder, step, reported(step))] as const);
  const rows = tallies.map(([step, tally]) => `| ${step} | ${formatTally(tally)} | ${secondsOf(folder, step)} |`);
  const files = steps.filter(reported).flatMap((step) => filesOf(folder, step));
  return [
    `# Long run of ${at.toISOString().slice(0, 10)}`,
    "",
    `Written by \`script/test --long\` at ${at.toISOString()}, on ${String(cpus().length)} processors with Node ${process.version}.`,
    `Commit ${commit}.`,
    "",
    `**${formatTally(sum(tallies.map(([, tally]) => tally)))}**`,
    "",
    "| step | result | seconds |",
    "|---|---|---|",
    ...rows,
    "",
    "| tests of | how many | result | seconds |",
    "|---|---|---|---|",
    ...files,
    "",
  ].join("\n");
}

function secondsOf(folder: string, step: string): string {
  const file = join(folder, `${step}.seconds`);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : "not known";
}

function filesOf(folder: string, step: string): readonly string[] {
  const { testResults } = JSON.parse(readFileSync(join(folder, `${step}.json`), "utf8")) as Report;
  return testResults.map(({ name, status, startTime, endTime, assertionResults }) => {
    const took = ((endTime - startTime) / 1000).toFixed(1);
    return `| ${relative(ROOT, name)} | ${String(assertionResults.length)} | ${status} | ${took} |`;
  });
}

if (import.meta.main) {
  const [folder, into, commit, ...steps] = process.argv.slice(2);
  if (folder === undefined || into === undefined || commit === undefined)
    throw new Error("usage: node script/evidence.ts FOLDER INTO COMMIT STEP…");
  const at = new Date();
  mkdirSync(into, { recursive: true });
  const page = join(into, `${at.toISOString().slice(0, 10)}.md`);
  writeFileSync(page, evidencePage(folder, steps, commit, at));
  console.log(`evidence: ${page}`);
}
