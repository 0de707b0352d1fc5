import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { frigateDocument } from "../../../src/adapters/frigate/document.ts";
import { Git } from "../../../src/adapters/git/git.ts";
import { GitTarget } from "../../../src/adapters/git/git-target.ts";
import { createProcesses } from "../../../src/adapters/system/processes.ts";
import { pullRequestsOf } from "../../../src/app/git-pull-requests.ts";
import { GitOptions } from "../../../src/config/git-options.ts";
import { minutes, seconds } from "../../../src/domain/duration.ts";
import type { ChangeNote, TargetName, WriteOutcome } from "../../../src/ports/config-target.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { type FakeForge, fakeForge, REFUSALS } from "../../fakes/fake-forge.ts";
import { agitHook, gitLabHook, protect } from "./hooks.ts";
import { makeRepository, removeRepositories, type Repository } from "./repository.ts";

const PATH = "apps/frigate/config.yml";
const HEAD = "camera-shepherd/frigate";
const BEFORE = "cameras:\n  front:\n    onvif:\n      host: 192.168.1.20\n      password: canary-onvif\n";
const AFTER = BEFORE.replace("192.168.1.20", "192.168.1.77");
const LATER = BEFORE.replace("192.168.1.20", "192.168.1.88");
const never = (): AbortSignal => new AbortController().signal;

function noteTo(to: string): ChangeNote {
  const macs = ["00:11:22:33:44:55"];
  return {
    kind: "heal",
    moves: [{ camera: "front", from: "192.168.1.20", to, macs, evidence: 12, proof: "its MAC address, the password" }],
  };
}

interface Made {
  readonly repository: Repository;
  readonly target: GitTarget;
  readonly clock: FakeClock;
  /** As a healer that reads and finds this to be written. */
  heal(text: string, to: string): Promise<WriteOutcome>;
  pushes(): Promise<number>;
}

let copies = 0;

/** A healer at a repository whose `main` takes no direct commits. */
async function healer(
  way: "github" | "forgejo" | "gitlab" | "agit",
  repository: Repository,
  more: { readonly apiUrl?: string; readonly token?: string; readonly url?: string } = {},
): Promise<Made> {
  copies += 1;
  const clock = new FakeClock();
  const git = new Git({
    processes: createProcesses(),
    folder: join(repository.folder, `copy-${String(copies)}`),
    access: {},
    author: { name: "Camera Shepherd", email: "camera-shepherd@localhost" },
  });
  const { apiUrl, token = "canary-token-3141", url = "https://git.example.org/home/cluster.git" } = more;
  const options = GitOptions.parse({
    url,
    path: PATH,
    token,
    pull_request: way,
    ...(apiUrl === undefined ? {} : { api_url: apiUrl }),
  });
  if (options === undefined) throw new Error("no options");
  const target = new GitTarget({
    name: "frigate" as TargetName,
    url: repository.url,
    shownUrl: "https://git.example.org/home/cluster",
    branch: "main",
    path: PATH,
    format: frigateDocument({ environment: new Map() }),
    git,
    clock,
    random: () => 0.5,
    pace: { reread: seconds(30), gather: seconds(5) },
    pullRequests: pullRequestsOf("frigate" as TargetName, options, git, clock),
  });
  const pushes = join(repository.folder, "pushes");
  return {
    repository,
    target,
    clock,
    heal: async (text, to) => target.write(text, (await target.read(never())).revision, never(), noteTo(to)),
    pushes: async () => (await readFile(pushes, "utf8").catch(() => "")).split("\n").length - 1,
  };
}

async function protectedHome(): Promise<Repository> {
  const repository = await makeRepository(PATH, BEFORE);
  await protect(repository);
  return repository;
}

async function atForge(kind: "github" | "forgejo"): Promise<Made & { readonly forge: FakeForge; again(): Promise<Made> }> {
  const repository = await protectedHome();
  const forge = await fakeForge(kind, join(repository.folder, "home.git"));
  onTestFinished(() => forge[Symbol.asyncDispose]());
  const make = (): Promise<Made> => healer(kind, repository, { apiUrl: forge.baseUrl });
  return { ...(await make()), forge, again: make };
}

function refusal(reason: string, words: string) {
  return { name: "TargetError", reason, message: expect.stringContaining(words) as string };
}

afterEach(removeRepositories);

describe.each(["github", "forgejo"] as const)("a protected branch at %s", (kind) => {
  test("ends in a pull request that a reviewer can judge, with the commit on a branch of the program's own", async () => {
    const { repository, heal, forge } = await atForge(kind);
    const outcome = await heal(AFTER, "192.168.1.77");
    expect(outcome).toEqual({ kind: "proposed", where: expect.stringMatching(/^pull request 1 \(https:\/\/.*\/1\)$/) as string });
    const [pull] = forge.pulls;
    expect(pull).toMatchObject({ head: HEAD, base: "main", title: "fix(cameras): front 192.168.1.20 -> 192.168.1.77", state: "open" });
    const body = pull?.body ?? "";
    expect(body).toContain("| front | 00:11:22:33:44:55 | 192.168.1.20 | 192.168.1.77 | its MAC address, the password | 12 |");
    expect(body).toContain(`line 4 of \`${PATH}\``);
    expect(body).toContain("-      host: 192.168.1.20\n+      host: 192.168.1.77\n");
    expect(body).toContain("**To reject it:** close it without merging");
    expect(body).not.toContain("canary");
    expect(Buffer.from(await repository.bytes(PATH, HEAD)).toString()).toBe(AFTER);
    expect(Buffer.from(await repository.bytes(PATH)).toString()).toBe(BEFORE);
  });

  test("is not pushed to again for the same change, look after look", async () => {
    const { heal, pushes, forge, clock } = await atForge(kind);
    for (let count = 0; count < 5; count += 1) expect((await heal(AFTER, "192.168.1.77")).kind).toBe("proposed");
    // One that `main` refused, and that of the program's own branch.
    expect(await pushes()).toBe(2);
    const calls = forge.calls.length;
    await clock.advance(minutes(5));
    expect((await heal(AFTER, "192.168.1.77")).kind).toBe("proposed");
    expect(await pushes()).toBe(3);
    expect(forge.calls.slice(calls).map(({ method }) => method)).not.toContain("POST");
    expect(forge.pulls).toHaveLength(1);
  });

  test("is found again by another run of the program, and brought up to date instead of doubled", async () => {
    const { heal, again, forge, repository } = await atForge(kind);
    await heal(AFTER, "192.168.1.77");
    const other = await again();
    expect(await other.heal(AFTER, "192.168.1.77")).toMatchObject({ kind: "proposed" });
    expect(await other.heal(LATER, "192.168.1.88")).toMatchObject({
      kind: "proposed",
      where: expect.stringContaining("pull request 1") as string,
    });
    expect(forge.pulls).toHaveLength(1);
    expect(forge.pulls[0]?.title).toBe("fix(cameras): front 192.168.1.20 -> 192.168.1.88");
    expect(forge.pulls[0]?.body).toContain("192.168.1.88");
    expect(Buffer.from(await repository.bytes(PATH, HEAD)).toString()).toBe(LATER);
    expect((await repository.git("rev-list", "--count", `main..${HEAD}`)).trim()).toBe("1");
  });

  test("is left as it is while only other files change", async () => {
    const { heal, forge, repository } = await atForge(kind);
    await heal(AFTER, "192.168.1.77");
    const tip = await repository.git("rev-parse", HEAD);
    const changes = forge.calls.filter(({ method }) => method !== "GET").length;
    await repository.commit("README.md", "# another\n");
    await heal(AFTER, "192.168.1.77");
    expect(await repository.git("rev-parse", HEAD)).toBe(tip);
    expect(forge.calls.filter(({ method }) => method !== "GET")).toHaveLength(changes);
  });

  test("is closed with its branch once it is needless, and may be opened again for the same change", async () => {
    const { heal, target, forge, repository } = await atForge(kind);
    await heal(AFTER, "192.168.1.77");
    await target.settled(never());
    expect(forge.pulls[0]).toMatchObject({ state: "closed", merged: false });
    expect(forge.pulls[0]?.body).toContain("Withdrawn");
    expect((await repository.git("branch", "--list", HEAD)).trim()).toBe("");
    expect(await heal(AFTER, "192.168.1.77")).toMatchObject({
      kind: "proposed",
      where: expect.stringContaining("pull request 2") as string,
    });
  });

  test("of an undo is one of its own, which is not withdrawn: a person asked for it", async () => {
    const { heal, target, forge } = await atForge(kind);
    await heal(AFTER, "192.168.1.77");
    const { revision } = await target.read(never());
    expect(await target.write(LATER, revision, never(), { ...noteTo("192.168.1.88"), kind: "undo" })).toMatchObject({ kind: "proposed" });
    expect(forge.pulls.map(({ head, title }) => [head, title.split("(")[0]])).toEqual([
      [HEAD, "fix"],
      [`${HEAD}-undo`, "revert"],
    ]);
    await target.settled(never());
    expect(forge.pulls.map(({ state }) => state)).toEqual(["closed", "open"]);
  });

  test("leaves no branch behind once it was merged, and asks nothing more then", async () => {
    const { heal, target, forge, repository } = await atForge(kind);
    await heal(AFTER, "192.168.1.77");
    forge.merge(1);
    expect((await target.read(never())).text).toBe(AFTER);
    await target.settled(never());
    expect((await repository.git("branch", "--list", HEAD)).trim()).toBe("");
    expect(forge.pulls[0]).toMatchObject({ merged: true });
    const calls = forge.calls.length;
    await target.settled(never());
    expect(forge.calls).toHaveLength(calls);
  });

  test("is not opened again once a person closed it, until that person reopens it or the change is another", async () => {
    const { heal, again, forge } = await atForge(kind);
    await heal(AFTER, "192.168.1.77");
    forge.close(1);
    const next = await again();
    await expect(next.heal(AFTER, "192.168.1.77")).rejects.toMatchObject(refusal("PullRequestClosed", "reopen it"));
    expect(forge.pulls).toHaveLength(1);
    const third = await again();
    expect(await third.heal(LATER, "192.168.1.88")).toMatchObject({
      kind: "proposed",
      where: expect.stringContaining("pull request 2") as string,
    });
    forge.close(2);
    forge.reopen(1);
    const fourth = await again();
    expect(await fourth.heal(AFTER, "192.168.1.77")).toMatchObject({ where: expect.stringContaining("pull request 1") as string });
  });

  test("does not overwrite what somebody else committed to the program's branch", async () => {
    const { heal, again, repository } = await atForge(kind);
    await heal(AFTER, "192.168.1.77");
    const tree = (await repository.git("rev-parse", `${HEAD}^{tree}`)).trim();
    const made = (await repository.git("commit-tree", tree, "-p", HEAD, "-m", "by hand")).trim();
    await repository.git("update-ref", `refs/heads/${HEAD}`, made);
    const next = await again();
    await expect(next.heal(LATER, "192.168.1.88")).rejects.toMatchObject(refusal("PullRequestRefused", "somebody else committed"));
    expect((await repository.git("rev-parse", HEAD)).trim()).toBe(made);
  });

  test("says why none could be opened, and does not ask anew at each look", async () => {
    const { heal, forge } = await atForge(kind);
    forge.refuse(REFUSALS[kind].noPermission);
    await expect(heal(AFTER, "192.168.1.77")).rejects.toMatchObject(refusal("PullRequestRefused", "permission"));
    const calls = forge.calls.length;
    await expect(heal(AFTER, "192.168.1.77")).rejects.toMatchObject({ reason: "PullRequestRefused" });
    expect(forge.calls).toHaveLength(calls);
  });

  test("sends the token in the header alone", async () => {
    const { heal, forge } = await atForge(kind);
    await heal(AFTER, "192.168.1.77");
    expect(forge.calls.length).toBeGreaterThan(1);
    for (const { url, body, authorization } of forge.calls) {
      expect(`${url}${body}`).not.toContain("canary");
      expect(authorization).toBe(`${kind === "github" ? "Bearer" : "token"} canary-token-3141`);
    }
  });
});

describe("a protected branch at GitLab", () => {
  test("ends in a merge request by push options, updated by a push and closed with its branch", async () => {
    const repository = await protectedHome();
    const options = await gitLabHook(repository);
    const { heal, target } = await healer("gitlab", repository);
    expect(await heal(AFTER, "192.168.1.77")).toEqual({
      kind: "proposed",
      where: `the merge request of ${HEAD} (https://git.example.org/home/cluster/-/merge_requests/7)`,
    });
    const first = await options();
    expect(first).toContain("merge_request.create");
    expect(first).toContain("merge_request.target=main");
    expect(first).toContain("merge_request.title=fix(cameras): front 192.168.1.20 -> 192.168.1.77");
    const description = first.find((option) => option.startsWith("merge_request.description=")) ?? "";
    expect(description).toContain("<td>192.168.1.77</td>");
    expect(description).toContain("+      host: 192.168.1.77<br>");
    expect(description).not.toMatch(/canary|\n/);
    const other = await healer("gitlab", repository);
    expect(await other.heal(AFTER, "192.168.1.77")).toMatchObject({ where: `the merge request of ${HEAD}` });
    expect(await options()).toEqual(first);
    await other.heal(LATER, "192.168.1.88");
    expect(await options()).toContain("merge_request.title=fix(cameras): front 192.168.1.20 -> 192.168.1.88");
    const third = await healer("gitlab", repository);
    await third.target.settled(never());
    expect((await repository.git("branch", "--list", HEAD)).trim()).toBe("");
    await target.settled(never());
  });
});

describe("a protected branch with AGit", () => {
  test("ends in a pull request by a push to refs/for, which the same topic brings up to date", async () => {
    const repository = await protectedHome();
    const proposals = await agitHook(repository);
    const { heal } = await healer("agit", repository);
    expect(await heal(AFTER, "192.168.1.77")).toEqual({
      kind: "proposed",
      where: "the pull request of topic camera-shepherd-frigate (https://git.example.org/home/cluster/pulls/3)",
    });
    expect(await proposals()).toEqual([
      expect.objectContaining({
        ref: "refs/for/main",
        topic: "camera-shepherd-frigate",
        title: "fix(cameras): front 192.168.1.20 -> 192.168.1.77",
      }),
    ]);
    const [{ commit, description } = { commit: "", description: "" }] = await proposals();
    expect(await repository.git("show", `${commit}:${PATH}`)).toBe(AFTER);
    expect(description).toContain("192.168.1.77");
    expect(description).not.toContain("canary");
    await heal(LATER, "192.168.1.88");
    expect(await proposals()).toHaveLength(2);
    expect((await proposals())[1]).toMatchObject({ topic: "camera-shepherd-frigate", force: "true" });
  });

  test("is refused with the remedy by a server that knows no refs/for", async () => {
    const repository = await protectedHome();
    const { heal } = await healer("agit", repository);
    await expect(heal(AFTER, "192.168.1.77")).rejects.toMatchObject(refusal("PullRequestRefused", "only Forgejo and Gitea do"));
  });
});

describe("what check says of pull requests", () => {
  test.each(["github", "forgejo"] as const)("at %s: that they can be opened, or what is missing; none is", async (kind) => {
    const { target, forge } = await atForge(kind);
    expect(await target.examine(never())).toEqual([
      { state: "ok", found: "pull requests, where the branch takes no direct commits: by the server's API" },
    ]);
    expect(forge.pulls).toEqual([]);
    forge.refuse(REFUSALS[kind].noPermission);
    const [fact] = await target.examine(never());
    expect(fact).toMatchObject({ state: "less", reason: "PullRequestRefused" });
    expect(fact?.found).toContain("no pull request could be opened");
    expect(JSON.stringify(fact)).not.toContain("canary");
  });

  test("by push options: whether the server takes them, without a push", async () => {
    const repository = await protectedHome();
    const { target } = await healer("gitlab", repository);
    await target.read(never());
    expect(await target.examine(never())).toMatchObject([{ state: "less", reason: "PullRequestRefused" }]);
    await gitLabHook(repository);
    expect(await target.examine(never())).toMatchObject([{ state: "ok", found: expect.stringContaining("push options") as string }]);
    expect((await repository.git("branch", "--list", HEAD)).trim()).toBe("");
    const other = await protectedHome();
    const proposals = await agitHook(other);
    const agit = await healer("agit", other);
    await agit.target.read(never());
    expect(await agit.target.examine(never())).toMatchObject([{ state: "ok", found: expect.stringContaining("refs/for/main") as string }]);
    // The server keeps none.
    await expect(proposals()).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("which way a pull request goes", () => {
  const clock = new FakeClock();
  const git = new Git({ processes: createProcesses(), folder: "/nowhere", access: {}, author: { name: "n", email: "e" } });
  const way = (more: object): unknown => {
    const options = GitOptions.parse({ path: PATH, ...more });
    const found = options === undefined ? undefined : pullRequestsOf("frigate" as TargetName, options, git, clock);
    return typeof found === "string" ? found : found === undefined ? "none" : "asked";
  };

  test.each([
    [{ url: "https://github.com/home/cluster.git", token: "t" }, "asked"],
    [{ url: "git@github.com:home/cluster.git", token: "t" }, "asked"],
    [{ url: "ssh://git@ssh.github.com:443/home/cluster.git", token: "t" }, "asked"],
    [{ url: "https://codeberg.org/home/cluster", token: "t" }, "asked"],
    [{ url: "git@gitlab.com:home/infra/cluster.git" }, "asked"],
    [{ url: "https://git.example.org/home/cluster", pull_request: "agit" }, "asked"],
    [{ url: "git@github.com:home/cluster.git" }, expect.stringContaining("give git.token") as string],
    [{ url: "https://git.example.org/home/cluster", token: "t" }, expect.stringContaining("set git.pull_request") as string],
    [
      { url: "https://github.com/home/cluster", token: "t", pull_request: "never" },
      expect.stringContaining("allow this program's commits") as string,
    ],
    [{ url: "file:///srv/git/home.git", token: "t", pull_request: "github" }, expect.stringContaining("names no server") as string],
  ])("%o", (options, expected) => {
    expect(way(options)).toEqual(expected);
  });
});
