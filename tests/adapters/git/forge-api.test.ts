import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { ForgeApi } from "../../../src/adapters/git/forge-api.ts";
import { forgejoPulls } from "../../../src/adapters/git/forgejo-pulls.ts";
import { gitHubPulls } from "../../../src/adapters/git/github-pulls.ts";
import type { PullRequestApi } from "../../../src/adapters/git/pull-requests.ts";
import { Secret } from "../../../src/config/secret.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { fakeForge, REFUSALS } from "../../fakes/fake-forge.ts";
import { makeRepository, removeRepositories } from "./repository.ts";

const never = (): AbortSignal => new AbortController().signal;
const HEAD = "camera-shepherd/frigate";
const TEXT = { title: "fix(cameras): front", body: "why" };

function pullsOf(kind: "github" | "forgejo", baseUrl: string): PullRequestApi {
  const scheme = kind === "github" ? "Bearer" : "token";
  const api = new ForgeApi({ baseUrl, token: new Secret("canary-token-3141"), scheme, headers: {}, clock: new FakeClock() });
  return kind === "github" ? gitHubPulls(api, "home/cluster") : forgejoPulls(api, "home/cluster");
}

afterEach(removeRepositories);

describe.each(["github", "forgejo"] as const)("the pull requests of %s", (kind) => {
  const make = async () => {
    const repository = await makeRepository("a.yml", "a: 1\n");
    const forge = await fakeForge(kind, `${repository.folder}/home.git`);
    onTestFinished(() => forge[Symbol.asyncDispose]());
    return { forge, repository, pulls: pullsOf(kind, forge.baseUrl) };
  };

  test("are opened once, listed, changed and closed", async () => {
    const { forge, repository, pulls } = await make();
    await repository.git("branch", "other", "main");
    const made = (await repository.git("commit-tree", "main^{tree}", "-p", "main", "-m", "x")).trim();
    for (const branch of [HEAD, "other"]) await repository.git("update-ref", `refs/heads/${branch}`, made);
    expect(await pulls.list(HEAD, "main", never())).toEqual([]);
    const opened = await pulls.open(HEAD, "main", TEXT, never());
    expect(opened).toMatchObject({ number: 1, isOpen: true, isMerged: false, ...TEXT });
    expect(await pulls.open(HEAD, "main", TEXT, never())).toBeUndefined();
    await pulls.open("other", "main", TEXT, never());
    await pulls.change(1, { title: "another" }, never());
    expect(await pulls.list(HEAD, "main", never())).toMatchObject([{ number: 1, title: "another", body: "why" }]);
    await pulls.change(1, { body: "gone", close: true }, never());
    expect(await pulls.list(HEAD, "main", never())).toEqual([expect.objectContaining({ isOpen: false, isMerged: false, body: "gone" })]);
    expect(forge.pulls).toHaveLength(2);
  });

  test.each([
    ["badToken", "GitRefusesLogin", "git.token"],
    ["noPermission", "PullRequestRefused", "permission"],
    ["rateLimit", "GitUnreachable", "no further calls"],
    ["secondaryLimit", "GitUnreachable", "no further calls"],
    ["unknown", "PullRequestRefused", "git.url or git.api_url"],
    ["invalid", "PullRequestRefused", "422"],
  ] as const)("say the remedy where the API answers with %s, without the token", async (why, reason, words) => {
    await using forge = await fakeForge(kind, "/nowhere");
    forge.refuse(REFUSALS[kind][why]);
    const error: unknown = await pullsOf(kind, forge.baseUrl)
      .list(HEAD, "main", never())
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "TargetError", reason, message: expect.stringContaining(words) as string });
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain("canary");
  });

  test("tell whether one could be opened, without opening any", async () => {
    const { forge, pulls } = await make();
    await pulls.check("main", never());
    expect(forge.pulls).toEqual([]);
    expect(JSON.parse(forge.calls.at(-1)?.body ?? "{}")).toMatchObject({ head: "main", base: "main" });
    forge.refuse(REFUSALS[kind].noPermission);
    const refused = { reason: "PullRequestRefused", message: expect.stringContaining("permission") as string };
    await expect(pulls.check("main", never())).rejects.toMatchObject(refused);
  });

  test("say so where there is something else at that address, or nothing", async () => {
    await using forge = await fakeForge(kind, "/nowhere");
    forge.refuse({ status: 200, json: [{ name: "a page" }] });
    const wrong = { reason: "PullRequestRefused", message: expect.stringContaining("correct git.pull_request or git.api_url") as string };
    await expect(pullsOf(kind, forge.baseUrl).list(HEAD, "main", never())).rejects.toMatchObject(wrong);
    forge.refuse({ status: 302, headers: { location: "http://127.0.0.1:9/" }, json: {} });
    const elsewhere = { reason: "PullRequestRefused", message: expect.stringContaining("leads to another address") as string };
    await expect(pullsOf(kind, forge.baseUrl).list(HEAD, "main", never())).rejects.toMatchObject(elsewhere);
    const away = { reason: "GitUnreachable", message: expect.stringContaining("127.0.0.1:9 cannot be reached (ECONNREFUSED)") as string };
    await expect(pullsOf(kind, "http://127.0.0.1:9").list(HEAD, "main", never())).rejects.toMatchObject(away);
  });
});
