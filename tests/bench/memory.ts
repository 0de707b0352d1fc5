import { copyFile, chmod, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { startHome, type Home, type HomeCamera } from "../world/home.ts";
import { start } from "../world/programs.ts";
import type { Form } from "../world/shepherd.ts";
import { epochMilliseconds, eventually, pause } from "../world/waiting.ts";
import { readTree, type ProcessReading } from "./memory/process-tree.ts";

const HELP = `script/bench memory: what Camera Shepherd needs while nothing happens

  --minutes N      how long to look (default 5)
  --cameras N      how many (default 16)
  --forms LIST     of bundle (made by npm run build) and sources; default both
  --json FILE      writes all samples and figures
  --help           this text

Memory is the proportional set size of the process and its children; processor time is theirs too.
`;

interface Wishes {
  readonly minutes: number;
  readonly cameras: number;
  readonly forms: readonly Form[];
  readonly json: string | undefined;
}

interface Sample {
  /** ms since the program was started. */
  readonly after: number;
  readonly processes: readonly ProcessReading[];
}

interface Result {
  readonly form: Form;
  /** Processor time until every camera was learned and it was quiet, ms. */
  readonly startCpu: number;
  /** The largest sum before that, bytes. */
  readonly startPss: number;
  /** The largest and the last sum while nothing happened, bytes. */
  readonly pss: number;
  readonly lastPss: number;
  readonly anonymous: number;
  /** Processor time while nothing happened as a share of one core. */
  readonly share: number;
  readonly passed: boolean | undefined;
  readonly loads: readonly number[];
  readonly samples: readonly Sample[];
}

const MEGABYTE = 1024 * 1024;
const PSS_AT_MOST = 90 * MEGABYTE;
const SHARE_AT_MOST = 0.005;
const ROOT = join(import.meta.dirname, "..", "..");
const SAMPLE_EVERY = 5_000;
const QUIET = 10_000;

/** @returns undefined where only the help was wanted; @throws with a message for a person */
function readWishes(argv: readonly string[]): Wishes | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      minutes: { type: "string", default: "5" },
      cameras: { type: "string", default: "16" },
      forms: { type: "string", default: "bundle,sources" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  if (!/^\d+(\.\d+)?$/.test(values.minutes) || Number(values.minutes) === 0) throw new Error(`--minutes: not a number: ${values.minutes}`);
  if (!/^[1-9]\d?$/.test(values.cameras)) throw new Error(`--cameras: 1 to 99, not ${values.cameras}`);
  const forms = values.forms.split(",").map((form) => {
    if (form !== "bundle" && form !== "sources") throw new Error(`--forms: ${form} is neither bundle nor sources`);
    return form;
  });
  return { minutes: Number(values.minutes), cameras: Number(values.cameras), forms, json: values.json };
}

function manyCameras(count: number): readonly HomeCamera[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `cam${index + 1}`,
    mac: `0c:79:55:4b:d6:${(0x10 + index).toString(16)}` as MacAddress,
  }));
}

/**
 * Runs one form in a home of its own, and looks. It runs on a copy of Node's program: the world's cameras are Node programs too, and would
 * take over most of the share of what all of them map.
 */
async function look(form: Form, wishes: Wishes): Promise<Result> {
  await using home = await startHome({ cameras: manyCameras(wishes.cameras) });
  const node = join(home.lan.folder, "node");
  await copyFile(process.execPath, node);
  await chmod(node, 0o755);
  return await measure(form, home, node, wishes);
}

async function measure(form: Form, home: Home, node: string, wishes: Wishes): Promise<Result> {
  const learned = new Set<string>();
  let lastWord = epochMilliseconds();
  const begun = epochMilliseconds();
  const file = form === "bundle" ? join(ROOT, "dist", "camera-shepherd.mjs") : join(ROOT, "src", "main.ts");
  await using program = start(node, [file, "run", "--json", "--config", home.options], {
    onLine: (line) => {
      lastWord = epochMilliseconds();
      const device = /"kind":"learned","device":"([^"]+)"/.exec(line)?.[1];
      if (device !== undefined) learned.add(device);
    },
  });
  const samples: Sample[] = [];
  const sample = async (): Promise<Sample> => {
    program.assertRunning();
    const taken = { after: epochMilliseconds() - begun, processes: await readTree(program.pid) };
    samples.push(taken);
    return taken;
  };
  await eventually(
    "every camera to be learned",
    async () => (await sample(), learned.size >= wishes.cameras && epochMilliseconds() - lastWord > QUIET),
    120_000,
    500,
  );
  const first = await sample();
  const quiet: Sample[] = [first];
  const loads: number[] = [];
  const until = first.after + wishes.minutes * 60_000;
  for (let last = first; last.after < until;) {
    await pause(Math.min(SAMPLE_EVERY, until - last.after + 1));
    last = await sample();
    quiet.push(last);
    loads.push(loadavg()[0] ?? 0);
  }
  const last = quiet.at(-1) ?? first;
  const pss = Math.max(...quiet.map((one) => sum(one, "pss")));
  const share = (sum(last, "cpu") - sum(first, "cpu")) / (last.after - first.after);
  return {
    form,
    startCpu: sum(first, "cpu"),
    startPss: Math.max(...samples.filter((one) => one.after <= first.after).map((one) => sum(one, "pss"))),
    pss,
    lastPss: sum(last, "pss"),
    anonymous: sum(last, "anonymous"),
    share,
    passed: form === "bundle" ? pss <= PSS_AT_MOST && share <= SHARE_AT_MOST : undefined,
    loads,
    samples,
  };
}

function sum(sample: Sample, what: "pss" | "anonymous" | "cpu"): number {
  return sample.processes.reduce((total, one) => total + one[what], 0);
}

function told(result: Result): string[] {
  const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(1)} MB`;
  const verdict = result.passed === undefined ? "for comparison" : result.passed ? "pass" : "MISSED";
  const last = result.samples.at(-1)?.processes ?? [];
  return [
    `${result.form.padEnd(8)} PSS at most ${megabytes(result.pss)} (≤ ${megabytes(PSS_AT_MOST)}), ${(result.share * 100).toFixed(2)} % of a core ` +
      `(≤ ${SHARE_AT_MOST * 100} %): ${verdict}`,
    `         at the end ${megabytes(result.lastPss)}, of which ${megabytes(result.anonymous)} in no file; ` +
      `while it learned ${megabytes(result.startPss)} and ${(result.startCpu / 1000).toFixed(1)} s of processor time`,
    `         processes at the end: ${last.map((one) => `${one.command} ${megabytes(one.pss)}`).join(", ")}; ` +
      `load average ${Math.min(...result.loads).toFixed(2)} – ${Math.max(...result.loads).toFixed(2)}`,
  ];
}

async function bench(wishes: Wishes): Promise<boolean> {
  const begun = new Date().toISOString();
  process.stdout.write(`memory, ${begun}, ${wishes.cameras} cameras, no viewers, ${wishes.minutes} min, Node ${process.version}\n`);
  const results: Result[] = [];
  for (const form of wishes.forms) {
    const result = await look(form, wishes);
    results.push(result);
    for (const line of told(result)) process.stdout.write(`${line}\n`);
  }
  if (wishes.json !== undefined) {
    const report = { bench: "memory", begun, cameras: wishes.cameras, minutes: wishes.minutes, node: process.version, results };
    await writeFile(wishes.json, `${JSON.stringify(report, undefined, 1)}\n`);
  }
  return results.every((result) => result.passed !== false);
}

try {
  const wishes = readWishes(process.argv.slice(2));
  if (wishes === undefined) process.stdout.write(HELP);
  else process.exitCode = (await bench(wishes)) ? 0 : 1;
} catch (error) {
  process.stderr.write(`memory: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
