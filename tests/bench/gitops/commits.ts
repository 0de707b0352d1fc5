import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { FluxReceiver } from "../../../src/adapters/flux/receiver.ts";
import { frigateDocument } from "../../../src/adapters/frigate/document.ts";
import { Git } from "../../../src/adapters/git/git.ts";
import { GitTarget } from "../../../src/adapters/git/git-target.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { createProcesses } from "../../../src/adapters/system/processes.ts";
import { Secret } from "../../../src/config/secret.ts";
import { parseIp } from "../../../src/domain/addresses.ts";
import { hostOf } from "../../../src/domain/document.ts";
import { seconds } from "../../../src/domain/duration.ts";
import { nestedDocument } from "../../../src/domain/nested-document.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";
import { gitHttpServer } from "../../adapters/git/http-server.ts";
import { fluxReceiver } from "../../fakes/flux-receiver.ts";
import { type Row, rowOf } from "./rows.ts";

const run = promisify(execFile);
const COMMITS = 5000;
const CAMERAS = 12;
const PATH = "clusters/home/frigate/helmrelease.yaml";
const TOKEN = "bench-token";
const never = new AbortController().signal;
const clock = createSystemClock();

function helmRelease(): string {
  const cameras = Array.from(
    { length: CAMERAS },
    (_, index) =>
      `        cam${String(index)}:\n          ffmpeg:\n            inputs:\n              - path: rtsp://viewer:secret@192.168.1.${String(20 + index)}:554/main\n                roles: [detect]\n`,
  );
  return `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: frigate\nspec:\n  values:\n    config: |\n        mqtt:\n          enabled: false\n        cameras:\n${cameras.map((text) => text.replaceAll(/^ {8}/gm, "          ")).join("")}`;
}

/** A repository as homes have them: many small files that compress badly, changed again and again. */
async function makeRepository(folder: string): Promise<string> {
  const bare = join(folder, "home.git");
  execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", bare]);
  execFileSync("git", ["-C", bare, "config", "uploadpack.allowFilter", "true"]);
  execFileSync("git", ["-C", bare, "config", "uploadpack.allowAnySHA1InWant", "true"]);
  const document = helmRelease();
  const parts: string[] = [];
  for (let index = 0; index < COMMITS; index += 1) {
    const body = Array.from({ length: 32 }, (_, line) =>
      createHash("sha256")
        .update(`${String(index)} ${String(line)}`)
        .digest("hex"),
    ).join("\n");
    const at = `Somebody <somebody@example.org> ${String(1_700_000_000 + index * 60)} +0000`;
    parts.push(`commit refs/heads/main\ncommitter ${at}\ndata 11\nchore: more\n`);
    const file = `apps/app-${String(index % 400)}/values.yaml`;
    parts.push(`M 100644 inline ${file}\ndata ${String(body.length)}\n${body}\n`);
    if (index === 0) parts.push(`M 100644 inline ${PATH}\ndata ${String(Buffer.byteLength(document))}\n${document}\n`);
  }
  execFileSync("git", ["-C", bare, "fast-import", "--quiet"], { input: parts.join(""), maxBuffer: 1 << 28 });
  execFileSync("git", ["-C", bare, "repack", "-adq"]);
  return bare;
}

async function bytesBelow(folder: string): Promise<number> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function targetAt(folder: string, url: string): GitTarget {
  return new GitTarget({
    name: "frigate" as TargetName,
    url,
    shownUrl: url,
    branch: "main",
    path: PATH,
    format: nestedDocument(frigateDocument({ environment: new Map() })),
    git: new Git({
      processes: createProcesses(),
      folder,
      access: { token: TOKEN },
      author: { name: "Camera Shepherd", email: "c@localhost" },
    }),
    clock,
    random: Math.random,
    pace: { reread: seconds(30), gather: seconds(5) },
    pullRequests: "never",
  });
}

/** What the document loop does once the window is over: read, work out and prove the text, commit, push; then the Receiver. */
async function heal(target: GitTarget, round: number, receiver: FluxReceiver): Promise<number> {
  const to = parseIp(`192.168.1.${String(100 + (round % 100))}`);
  const begun = performance.now();
  const { text, revision } = await target.read(never);
  const next = target.format.rewrite(text, (occurrence) =>
    occurrence.owners.includes("camera:cam0") && hostOf(occurrence) !== to ? to : undefined,
  );
  const moves = [{ camera: "cam0", from: "192.168.1.20", to: to ?? "", macs: ["0c:79:55:4b:d4:2a"], evidence: round }];
  const outcome = await target.write(next.text, revision, never, { kind: "heal", moves });
  if (outcome.kind !== "written" || next.edits.length !== 1) throw new Error(`nothing was healed: ${outcome.kind}`);
  await receiver.trigger(never);
  return (performance.now() - begun) / 1000;
}

/** The same with a script of three lines; the token stands in the URL, as such scripts have it. */
async function naive(folder: string, url: string, round: number): Promise<{ readonly took: number; readonly bytes: number }> {
  const clone = join(folder, `naive-${String(round)}`);
  const begun = performance.now();
  await run("git", ["clone", "--quiet", "--depth", "1", url.replace("://", `://x:${TOKEN}@`), clone]);
  const bytes = await bytesBelow(join(clone, ".git"));
  const file = join(clone, PATH);
  await writeFile(file, (await readFile(file, "utf8")).replace(/192\.168\.1\.\d+/, `192.168.1.${String(100 + ((round + 50) % 100))}`));
  const author = ["-c", "user.name=x", "-c", "user.email=x@localhost"];
  await run("git", ["-C", clone, ...author, "commit", "--quiet", "--all", "--message", "fix"]);
  await run("git", ["-C", clone, "push", "--quiet"]);
  const took = (performance.now() - begun) / 1000;
  await rm(clone, { recursive: true });
  return { took, bytes };
}

export interface CommitFigures {
  /** The copy kept, no copy, the naive way; in seconds. */
  readonly rows: readonly [Row, Row, Row];
  /** In MB. */
  readonly sizes: { readonly repository: number; readonly ours: number; readonly naive: number };
  readonly commits: number;
}

/**
 * From the end of the batch window until a commit is pushed and Flux's Receiver was called, on a repository of 5,000 commits behind git's own
 * http-backend, and how much of that repository is fetched. Ours keeps its copy between two changes, as `run` does, or begins with none, as a CronJob
 * without a volume does. Beside it `git clone --depth 1`, sed, commit, push.
 */
export async function benchCommits(runs: number): Promise<CommitFigures> {
  const folder = await mkdtemp(join(tmpdir(), "bench-gitops-"));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const bare = await makeRepository(folder);
  const server = undo.use(await gitHttpServer(folder, { [TOKEN]: "write" }));
  const flux = undo.use(await fluxReceiver("bench-secret"));
  const receiver = new FluxReceiver({ url: new Secret(flux.url), token: new Secret("bench-secret"), clock });
  const url = server.url("home.git");
  const kept = targetAt(join(folder, "kept"), url);
  await kept.read(never);
  const [warm, cold, other]: [number[], number[], number[]] = [[], [], []];
  let fetched = 0;
  let naiveBytes = 0;
  for (let round = 0; round < runs; round += 1) {
    warm.push(await heal(kept, 2 * round, receiver));
    const fresh = join(folder, `fresh-${String(round)}`);
    cold.push(await heal(targetAt(fresh, url), 2 * round + 1, receiver));
    fetched = Math.max(fetched, await bytesBelow(fresh));
    await rm(fresh, { recursive: true });
    const { took, bytes } = await naive(folder, url, round);
    other.push(took);
    naiveBytes = Math.max(naiveBytes, bytes);
  }
  if (flux.calls.length !== 2 * runs) throw new Error("the Receiver was not called for each commit");
  const megabytes = (bytes: number): number => Math.round(bytes / 10_000) / 100;
  return {
    rows: [
      rowOf("copy kept, as run has it", warm),
      rowOf("no copy, as a CronJob begins", cold),
      rowOf("naive: clone --depth 1, sed, commit, push", other),
    ],
    sizes: { repository: megabytes(await bytesBelow(bare)), ours: megabytes(fetched), naive: megabytes(naiveBytes) },
    commits: COMMITS,
  };
}
