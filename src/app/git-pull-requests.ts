import { ApiPullRequests } from "../adapters/git/api-pull-requests.ts";
import { apiOf, type PullRequestWay, repositoryPlace, wayOfHost } from "../adapters/git/forge.ts";
import { ForgeApi } from "../adapters/git/forge-api.ts";
import { forgejoPulls } from "../adapters/git/forgejo-pulls.ts";
import type { Git } from "../adapters/git/git.ts";
import { gitHubPulls } from "../adapters/git/github-pulls.ts";
import { OwnBranch } from "../adapters/git/own-branch.ts";
import type { PullRequests } from "../adapters/git/pull-requests.ts";
import { AgitRequests, GitLabRequests } from "../adapters/git/push-option-requests.ts";
import type { Options } from "../config/options.ts";
import { maskCredentials } from "../domain/mask.ts";
import type { Clock } from "../ports/clock.ts";
import type { TargetName } from "../ports/config-target.ts";

type GitOption = NonNullable<Options["frigate"][number]["git"]>;

/**
 * An undo has a branch and a pull request of its own: a person asked for it and closes it, while those of heals are withdrawn once they are needless.
 */
export function pullRequestsOf(name: TargetName, options: GitOption, git: Git, clock: Clock): PullRequests | string {
  const heals = requestsFrom(`camera-shepherd/${name}`, options, git, clock);
  const undos = requestsFrom(`camera-shepherd/${name}-undo`, options, git, clock);
  if (typeof heals === "string") return heals;
  if (typeof undos === "string") return undos;
  return {
    propose: (proposed, signal) => (proposed.note?.kind === "undo" ? undos : heals).propose(proposed, signal),
    withdraw: (signal) => heals.withdraw(signal),
    check: (signal) => heals.check(signal),
  };
}

/** How a commit that the branch does not take reaches people, or what a person may do so that it does. */
function requestsFrom(head: string, options: GitOption, git: Git, clock: Clock): PullRequests | string {
  const { url, branch, path, pull_request: asked, token, api_url: apiUrl, author_email: email } = options;
  if (asked === "never") return "allow this program's commits on the branch, or set git.pull_request to the kind of server";
  const at = repositoryPlace(url);
  const way: PullRequestWay | undefined = asked === "auto" ? at && wayOfHost(at) : asked;
  if (way === undefined)
    return "set git.pull_request to the kind of server, so that it waits as a pull request, or allow this program's commits on the branch";
  const place = { path, base: branch, head };
  const shown = maskCredentials(url);
  if (way === "agit") return new AgitRequests({ git, place: shown }, place);
  const own = new OwnBranch({ git, name: head, path, place: shown, email });
  if (way === "gitlab") return new GitLabRequests(own, place);
  if (token === undefined)
    return `give git.token, with which a pull request can be opened at ${at?.host ?? "the server"}, or allow this program's commits on the branch`;
  const base = apiUrl ?? (at === undefined ? undefined : apiOf(way, at));
  if (at === undefined || base === undefined)
    return "git.url names no server that has pull requests; allow this program's commits on the branch";
  if (way === "github") {
    const headers = { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" };
    return new ApiPullRequests(gitHubPulls(new ForgeApi({ baseUrl: base, token, scheme: "Bearer", headers, clock }), at.path), own, place);
  }
  const headers = { accept: "application/json" };
  return new ApiPullRequests(forgejoPulls(new ForgeApi({ baseUrl: base, token, scheme: "token", headers, clock }), at.path), own, place);
}
