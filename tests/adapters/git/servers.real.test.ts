import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { frigateDocument } from "../../../src/adapters/frigate/document.ts";
import { Git, type GitAccess } from "../../../src/adapters/git/git.ts";
import { GitTarget } from "../../../src/adapters/git/git-target.ts";
import { createProcesses } from "../../../src/adapters/system/processes.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { exitCodeOfReason } from "../../../src/commands/sync-report.ts";
import { seconds } from "../../../src/domain/duration.ts";
import { type ChangeNote, TargetError, type TargetName } from "../../../src/ports/config-target.ts";
import { failureOf } from "../../fakes/failure-of.ts";
import { protect } from "./hooks.ts";
import { gitHttpServer } from "./http-server.ts";
import { git, makeRepository, removeRepositories, type Repository } from "./repository.ts";
import { gitSshServer } from "./ssh-server.ts";

const PATH = "apps/frigate/config.yml";
const TEXT = "cameras:\n  front:\n    onvif:\n      host: 192.168.1.20\n";
const HEALED = TEXT.replace(".20", ".77");
const TOKEN = "canary-token-2718";
const READER = "canary-reader-1618";
const never = (): AbortSignal => new AbortController().signal;
const MOVED: ChangeNote = {
  kind: "heal",
  moves: [{ camera: "front", from: "192.168.1.20", to: "192.168.1.77", macs: ["00:11:22:33:44:55"], evidence: 12 }],
};

let copies = 0;

interface Copy {
  readonly target: GitTarget;
  readonly folder: string;
}

function copyOf(
  repository: Repository,
  url: string,
  access: GitAccess,
  more: { readonly path?: string; readonly branch?: string; readonly signingKey?: string } = {},
): Copy {
  copies += 1;
  const folder = join(repository.folder, `copy-${String(copies)}`);
  const { path = PATH, branch = "main", signingKey } = more;
  const target = new GitTarget({
    name: "frigate" as TargetName,
    url,
    shownUrl: url,
    branch,
    path,
    format: frigateDocument({ environment: new Map() }),
    git: new Git({ processes: createProcesses(), folder, access, author: { name: "Camera Shepherd", email: "camera-shepherd@localhost" } }),
    clock: createSystemClock(),
    random: Math.random,
    pace: { reread: seconds(30), gather: seconds(5) },
    pullRequests: "set git.pull_request",
    ...(signingKey === undefined ? {} : { signingKey }),
  });
  return { target, folder };
}

async function heal({ target }: Copy): Promise<void> {
  const { revision } = await target.read(never());
  expect((await target.write(HEALED, revision, never(), MOVED)).kind).toBe("written");
}

/** What it is refused with: the reason, the exit code of `sync`, and words without the canary. */
async function refused(work: Promise<unknown>): Promise<{ readonly reason: string; readonly exit: number; readonly message: string }> {
  const error = await failureOf(work);
  if (!(error instanceof TargetError)) throw error;
  expect(`${error.message}${error.stack ?? ""}${JSON.stringify(error)}`).not.toContain("canary");
  return { reason: error.reason, exit: exitCodeOfReason(error.reason), message: error.message };
}

async function http(): Promise<{ readonly repository: Repository; readonly url: string }> {
  const repository = await makeRepository(PATH, TEXT);
  const server = await gitHttpServer(repository.folder, { [TOKEN]: "write", [READER]: "read" });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { repository, url: server.url("home.git") };
}

afterEach(removeRepositories);

describe("smart HTTP with a token", () => {
  test("takes a commit; the token stands in no argument list, no file and no answer", async () => {
    const { repository, url } = await http();
    const copy = copyOf(repository, url, { token: TOKEN });
    const { revision } = await copy.target.read(never());
    const seen = new Set<string>();
    const pushing = copy.target.write(HEALED, revision, never(), MOVED);
    let isOver = false;
    const over = pushing.finally(() => (isOver = true));
    while (!isOver) {
      for (const line of commandLines()) seen.add(line);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await over;
    // The sampling saw the push itself.
    expect([...seen].some((line) => line.includes("push") && line.includes("--porcelain"))).toBe(true);
    expect([...seen].filter((line) => line.includes(TOKEN))).toEqual([]);
    const files = (await readdir(copy.folder, { recursive: true, withFileTypes: true })).filter((path) => path.isFile());
    expect(files.map(({ name }) => name)).toContain("config");
    for (const { parentPath, name } of files) expect(await readFile(join(parentPath, name), "latin1"), name).not.toContain("canary");
    expect(Buffer.from(await repository.bytes(PATH)).toString()).toBe(HEALED);
  });

  test.each([
    ["a wrong token", { token: "canary-wrong" }, "GitRefusesLogin", 2, "git.token"],
    ["no token", {}, "GitRefusesLogin", 2, "git.token"],
  ] as const)("says what to do about %s", async (_, access, reason, exit, words) => {
    const { repository, url } = await http();
    const said = await refused(copyOf(repository, url, access).target.read(never()));
    expect(said).toEqual({ reason, exit, message: expect.stringContaining(words) as string });
  });

  test("says what to do about a token that only reads, and changes nothing", async () => {
    const { repository, url } = await http();
    const { target } = copyOf(repository, url, { token: READER });
    const { revision } = await target.read(never());
    for (const work of [() => target.write(HEALED, revision, never(), MOVED), () => target.checkWritable(never())])
      expect(await refused(work())).toEqual({
        reason: "GitReadOnly",
        exit: 2,
        message: expect.stringContaining("give it write permission") as string,
      });
    expect(Buffer.from(await repository.bytes(PATH)).toString()).toBe(TEXT);
  });

  test("says what to do about a protected branch, a deleted one, a broken file, a vanished one, a missing repository and a server that is away", async () => {
    const { repository, url } = await http();
    const { target } = copyOf(repository, url, { token: TOKEN });
    const { revision } = await target.read(never());
    await target.checkWritable(never());
    await protect(repository);
    expect(await refused(target.write(HEALED, revision, never(), MOVED))).toMatchObject({
      reason: "GitProtected",
      exit: 2,
      message: expect.stringContaining("set git.pull_request") as string,
    });
    await repository.commit(PATH, "cameras: [\n");
    const broken = await target.read(never());
    expect(() => target.format.read(broken.text)).toThrow(expect.objectContaining({ reason: "DocumentUnreadable" }));
    expect(exitCodeOfReason("DocumentUnreadable")).toBe(2);
    await repository.commit(PATH, undefined);
    expect(await refused(target.read(never()))).toMatchObject({ reason: "DocumentMissing", exit: 2 });
    await repository.git("update-ref", "-d", "refs/heads/main");
    expect(await refused(target.read(never()))).toMatchObject({ reason: "GitBranchMissing", exit: 2 });
    const none = copyOf(repository, url.replace("home.git", "none.git"), { token: TOKEN });
    expect(await refused(none.target.read(never()))).toMatchObject({ reason: "GitRepositoryMissing", exit: 2 });
    const away = copyOf(repository, "http://127.0.0.1:9/home.git", { token: TOKEN });
    expect(await refused(away.target.read(never()))).toMatchObject({ reason: "GitUnreachable", exit: 1 });
  });
});

describe("SSH with a key", () => {
  test("takes a signed commit from a key that may write, over a pinned host key", async () => {
    const repository = await makeRepository(PATH, TEXT);
    await using server = await gitSshServer(repository.folder);
    const access = { sshKey: server.keys.write, knownHosts: server.knownHosts };
    await heal(copyOf(repository, server.url(join(repository.folder, "home.git")), access, { signingKey: server.keys.stranger }));
    expect(Buffer.from(await repository.bytes(PATH)).toString()).toBe(HEALED);
    const signers = join(repository.folder, "signers");
    await writeFile(signers, `camera-shepherd@localhost ${await readFile(`${server.keys.stranger}.pub`, "utf8")}`);
    await repository.git("-c", `gpg.ssh.allowedSignersFile=${signers}`, "verify-commit", "main");
    await writeFile(signers, `camera-shepherd@localhost ${await readFile(`${server.keys.write}.pub`, "utf8")}`);
    await expect(repository.git("-c", `gpg.ssh.allowedSignersFile=${signers}`, "verify-commit", "main")).rejects.toThrow("verify-commit");
  });

  test("says what to do about a read-only key, a stranger's key and a host key that is not the pinned one", async () => {
    const repository = await makeRepository(PATH, TEXT);
    await using server = await gitSshServer(repository.folder);
    const url = server.url(join(repository.folder, "home.git"));
    const { knownHosts } = server;
    const { target } = copyOf(repository, url, { sshKey: server.keys.read, knownHosts });
    const { revision } = await target.read(never());
    expect(await refused(target.write(HEALED, revision, never(), MOVED))).toMatchObject({
      reason: "GitReadOnly",
      exit: 2,
      message: expect.stringContaining("give it write permission") as string,
    });
    expect(await refused(copyOf(repository, url, { sshKey: server.keys.stranger, knownHosts }).target.read(never()))).toMatchObject({
      reason: "GitRefusesLogin",
      exit: 2,
      message: expect.stringContaining("git.ssh_key") as string,
    });
    for (const [name, text] of [
      ["unknown", ""],
      ["another", server.otherKey()],
    ] as const) {
      const path = join(repository.folder, name);
      await writeFile(path, text);
      const copy = copyOf(repository, url, { sshKey: server.keys.write, knownHosts: path });
      expect(await refused(copy.target.read(never())), name).toMatchObject({
        reason: "GitHostKeyUnknown",
        exit: 2,
        message: expect.stringContaining("git.known_hosts") as string,
      });
      expect(await readFile(path, "utf8")).toBe(text);
    }
    expect(Buffer.from(await repository.bytes(PATH)).toString()).toBe(TEXT);
  });
});

/** Two healers and a person on one repository over HTTP, each change on top of what the others pushed. */
test("nothing is lost where two healers and a person race on one repository", { timeout: 600_000 }, async () => {
  const changes = process.env["CAMERA_SHEPHERD_LONG"] === "1" ? 201 : 12;
  const names = ["one", "two"];
  const text = names.map((name) => `${name}:\n  host: 192.168.1.0\n`).join("");
  const repository = await makeRepository(PATH, text);
  await using server = await gitHttpServer(repository.folder, { [TOKEN]: "write" });
  const share = Math.floor(changes / 3);
  const healer = async (name: string): Promise<void> => {
    const { target } = copyOf(repository, server.url("home.git"), { token: TOKEN });
    for (let count = 1; count <= share; count += 1) {
      for (;;) {
        const read = await target.read(never());
        const next = read.text.replace(new RegExp(`(${name}:\\n  host: 192\\.168\\.1\\.)\\d+`), `$1${String(count)}`);
        const moves = [{ camera: name, from: "192.168.1.0", to: `192.168.1.${String(count)}`, macs: [] }];
        const outcome = await target.write(next, read.revision, never(), { kind: "heal", moves }).catch((error: unknown) => {
          if (error instanceof TargetError && error.reason === "GitUnreachable") return undefined;
          throw error;
        });
        if (outcome?.kind === "written") break;
      }
    }
  };
  const person = async (): Promise<void> => {
    for (let count = 1; count <= share; count += 1) {
      for (;;) {
        const isDone = await repository.commit(`notes/${String(count)}.md`, "x\n").then(
          () => true,
          () => false,
        );
        if (isDone) break;
      }
    }
  };
  await Promise.all([...names.map(healer), person()]);
  const last = Buffer.from(await repository.bytes(PATH)).toString();
  expect(last).toBe(names.map((name) => `${name}:\n  host: 192.168.1.${String(share)}\n`).join(""));
  expect((await repository.git("rev-list", "--count", "main")).trim()).toBe(String(1 + 3 * share));
  expect((await repository.git("rev-list", "--count", "--merges", "main")).trim()).toBe("0");
  const perHealer = (await repository.git("log", "--format=%s", "--author=Camera Shepherd", "main")).trim().split("\n");
  expect(new Set(perHealer).size).toBe(2 * share);
  // No commit is empty: each changes exactly one file.
  const numbers = await repository.git(
    "log",
    "--format=",
    "--name-only",
    "main",
    "--not",
    (await repository.git("rev-list", "--max-parents=0", "main")).trim(),
  );
  expect(numbers.trim().split("\n")).toHaveLength(3 * share);
  expect(await git(repository.folder, "-C", "home.git", "fsck", "--strict")).not.toContain("error");
});

function commandLines(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        return [readFileSync(`/proc/${id}/cmdline`, "latin1").replaceAll("\0", " ")];
      } catch {
        return [];
      }
    });
}

test("a planted canary in an argument list is seen", () => {
  const script = "const { readFileSync } = require('node:fs'); process.stdout.write(readFileSync('/proc/self/cmdline', 'latin1'))";
  expect(execFileSync(process.execPath, ["-e", script, "canary-argument"], { encoding: "latin1" })).toContain("canary-argument");
});
