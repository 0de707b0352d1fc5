import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const PERSON = {
  GIT_AUTHOR_NAME: "A person",
  GIT_AUTHOR_EMAIL: "person@example.org",
  GIT_COMMITTER_NAME: "A person",
  GIT_COMMITTER_EMAIL: "person@example.org",
};

/** A repository on a server, and a person's clone of it. */
export interface Repository {
  readonly folder: string;
  readonly url: string;
  /** Runs git in the server's repository. */
  git(...args: string[]): Promise<string>;
  /** The person commits a document, or removes it, and pushes. */
  commit(path: string, bytes: Uint8Array | string | undefined): Promise<void>;
  /** The document as it stands on the branch; throws where it does not. */
  bytes(path: string, branch?: string): Promise<Uint8Array>;
}

const folders: string[] = [];

export async function git(folder: string, ...args: string[]): Promise<string> {
  const environment = { PATH: process.env["PATH"], HOME: folder, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", ...PERSON };
  const { stdout } = await run("git", args, { cwd: folder, env: environment, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** A bare repository with one commit on `main`, and files in other folders beside the document. */
export async function makeRepository(path: string, text: string): Promise<Repository> {
  const folder = await mkdtemp(join(tmpdir(), "git-target-"));
  folders.push(folder);
  const bare = join(folder, "home.git");
  const clone = join(folder, "person");
  await git(folder, "init", "--quiet", "--bare", "--initial-branch=main", bare);
  // What every forge allows: https://git-scm.com/docs/partial-clone
  await git(bare, "config", "uploadpack.allowFilter", "true");
  await git(bare, "config", "uploadpack.allowAnySHA1InWant", "true");
  await git(folder, "clone", "--quiet", bare, clone);
  const url = `file://${bare}`;
  const commit = async (at: string, bytes: Uint8Array | string | undefined): Promise<void> => {
    await git(clone, "fetch", "--quiet", "origin");
    await git(clone, "checkout", "--quiet", "-B", "main", "origin/main");
    const file = join(clone, at);
    if (bytes === undefined) await rm(file);
    else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
    await git(clone, "add", "--all");
    await git(clone, "commit", "--quiet", "--allow-empty", "--message", `chore: ${at}`);
    await git(clone, "push", "--quiet", "origin", "main");
  };
  for (const [at, content] of [
    [path, text],
    ["README.md", "# home\n"],
    ["apps/other/values.yaml", "a: 1\n"],
  ] as const) {
    await mkdir(dirname(join(clone, at)), { recursive: true });
    await writeFile(join(clone, at), content);
  }
  await git(clone, "checkout", "--quiet", "-B", "main");
  await git(clone, "add", "--all");
  await git(clone, "commit", "--quiet", "--message", "chore: begin");
  await git(clone, "push", "--quiet", "origin", "main");
  return {
    folder,
    url,
    git: (...args) => git(bare, ...args),
    commit,
    bytes: async (at, branch = "main") => {
      const { stdout } = await run("git", ["cat-file", "blob", `${branch}:${at}`], { cwd: bare, encoding: "buffer" });
      return stdout;
    },
  };
}

export async function removeRepositories(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
}
