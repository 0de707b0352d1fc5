import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { startCluster } from "../kubernetes/cluster.ts";
import { benchCommits } from "./gitops/commits.ts";
import { benchConfigMaps } from "./gitops/config-maps.ts";
import type { Row } from "./gitops/rows.ts";
import { benchWhole } from "./gitops/whole.ts";

const HELP = `script/bench gitops: how long a heal through Git and through the Kubernetes API takes, from the end of the batch window

  --runs N         how many commits and patches (default 20)
  --moves N        how many moves of a camera under the whole program (default 6, ten seconds each)
  --json FILE      writes all figures
  --help           this text

git's own http-backend, a real kube-apiserver and a real go2rtc, beside what a script of a few lines does on the same.
`;
const COMMIT_WITHIN = 2;
const PATCH_WITHIN = 0.5;
const CLONE_AT_MOST = 2;

function print(rows: readonly Row[]): void {
  for (const { what, n, p50, p95, most } of rows)
    process.stdout.write(`  ${what.padEnd(48)} n ${String(n)}  p50 ${p50.toFixed(3)}  p95 ${p95.toFixed(3)}  most ${most.toFixed(3)}\n`);
}

const ratio = (ours: Row, other: Row): string => (ours.p50 / other.p50).toFixed(2);
const verdict = (isMet: boolean): string => (isMet ? "pass" : "MISSED");

/** @returns whether every bar is met */
async function bench(runs: number, moves: number, json: string | undefined): Promise<boolean> {
  const begun = new Date().toISOString();
  const load = (loadavg()[0] ?? 0).toFixed(2);
  process.stdout.write(`gitops, ${begun}, Node ${process.version}, load average ${load} before; seconds\n`);
  const commits = await benchCommits(runs);
  const [kept, fresh, script] = commits.rows;
  const { sizes } = commits;
  const isCommitFast = kept.p95 <= COMMIT_WITHIN && fresh.p95 <= COMMIT_WITHIN;
  process.stdout.write(`From the end of the window to the commit pushed and the Receiver called, ${String(commits.commits)} commits\n`);
  print(commits.rows);
  process.stdout.write(
    `  p95 <= ${String(COMMIT_WITHIN)} s: ${verdict(isCommitFast)}; ${ratio(kept, script)} and ${ratio(fresh, script)} of the naive way's time\n` +
      `  fetched: ours ${String(sizes.ours)} MB, naive ${String(sizes.naive)} MB, of ${String(sizes.repository)} MB; ` +
      `<= ${String(CLONE_AT_MOST)} MB: ${verdict(sizes.ours <= CLONE_AT_MOST)}\n`,
  );
  const cluster = await startCluster();
  try {
    const maps = await benchConfigMaps(cluster, runs);
    const [ours, naive] = maps;
    process.stdout.write("From the end of the window to the ConfigMap patched, on kube-apiserver\n");
    print(maps);
    process.stdout.write(
      `  p95 <= ${String(PATCH_WITHIN)} s: ${verdict(ours.p95 <= PATCH_WITHIN)}; ${ratio(ours, naive)} of the naive way's time\n`,
    );
    const whole = moves === 0 ? [] : await benchWhole(cluster, moves);
    const [video, patched, called, afterMap, afterGit] = whole;
    let isWhole = true;
    if (video !== undefined && patched !== undefined && called !== undefined && afterMap !== undefined && afterGit !== undefined) {
      isWhole = video.most < Math.min(patched.p50, called.p50) && afterMap.p95 <= PATCH_WITHIN && afterGit.p95 <= COMMIT_WITHIN;
      process.stdout.write("The whole program, both at once, and go2rtc\n");
      print(whole);
      process.stdout.write(
        `  go2rtc before either, ConfigMap and Receiver in their time: ${verdict(isWhole)}; go2rtc takes ${ratio(video, patched)} of the ConfigMap's time\n`,
      );
    }
    if (json !== undefined) await writeFile(json, `${JSON.stringify({ begun, load, commits, maps, whole }, undefined, 2)}\n`);
    return isCommitFast && sizes.ours <= CLONE_AT_MOST && ours.p95 <= PATCH_WITHIN && isWhole;
  } finally {
    await cluster.stop();
  }
}

function wishes(argv: readonly string[]): { readonly runs: number; readonly moves: number; readonly json: string | undefined } | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: "string", default: "20" },
      moves: { type: "string", default: "6" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(values.runs)) throw new Error(`--runs: 1 to 999, not ${values.runs}`);
  if (!/^\d{1,2}$/.test(values.moves)) throw new Error(`--moves: 0 to 99, not ${values.moves}`);
  return { runs: Number(values.runs), moves: Number(values.moves), json: values.json };
}

async function main(): Promise<number> {
  let wish: ReturnType<typeof wishes>;
  try {
    wish = wishes(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`gitops: ${error instanceof Error ? error.message : String(error)}\n`);
    return 64;
  }
  if (wish !== undefined) return (await bench(wish.runs, wish.moves, wish.json)) ? 0 : 1;
  process.stdout.write(HELP);
  return 0;
}

process.exitCode = await main();
