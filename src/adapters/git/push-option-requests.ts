import { TargetError } from "../../ports/config-target.ts";
import { gitError } from "./git-errors.ts";
import type { Git } from "./git.ts";
import { type OwnBranch, READ } from "./own-branch.ts";
import { digestOf, proposalText, type ProposalPlace } from "./proposal.ts";
import type { Proposed, PullRequests } from "./pull-requests.ts";

/**
 * Merge requests of GitLab by options of the push to the program's own branch (docs.gitlab.com, "Push options"): no API, so a deploy key is enough.
 * What that branch holds tells whether the change waits already; where a person closed the merge request and left the branch, it is not opened again.
 */
export class GitLabRequests implements PullRequests {
  readonly #branch: OwnBranch;
  readonly #place: ProposalPlace;

  constructor(branch: OwnBranch, place: ProposalPlace) {
    this.#branch = branch;
    this.#place = place;
  }

  async propose(proposed: Proposed, signal: AbortSignal): Promise<string> {
    const { head, base } = this.#place;
    const tip = await this.#branch.look(signal);
    const waits = `the merge request of ${head}`;
    if (tip !== undefined && tip.document === (await this.#branch.documentAt(proposed.commit, signal))) return waits;
    const { title, body } = proposalText(proposed, this.#place);
    const options = [
      "merge_request.create",
      `merge_request.target=${base}`,
      "merge_request.remove_source_branch",
      `merge_request.title=${oneLine(title)}`,
      `merge_request.description=${asHtml(body)}`,
    ];
    const said = await this.#branch.put(proposed.commit, tip, options, signal);
    const url = /https?:\/\/\S+\/merge_requests\/\d+/.exec(said)?.[0];
    return url === undefined ? waits : `${waits} (${url})`;
  }

  async withdraw(signal: AbortSignal): Promise<void> {
    const tip = await this.#branch.look(signal);
    // GitLab closes the merge request of a branch that goes.
    if (tip !== undefined) await this.#branch.delete(tip, signal);
  }

  async check(signal: AbortSignal): Promise<string> {
    await this.#branch.tryPut("merge_request.create", signal);
    return "by push options";
  }
}

export interface AgitSettings {
  readonly git: Git;
  /** For a person. */
  readonly place: string;
}

/**
 * Pull requests of Forgejo and Gitea by a push to `refs/for/BRANCH` (forgejo.org/docs, "AGit-Flow"): no API, no branch, and no permission to write.
 * A push of the same topic brings the open one up to date. What was proposed is remembered in our copy of the repository alone.
 */
export class AgitRequests implements PullRequests {
  readonly #settings: AgitSettings;
  readonly #place: ProposalPlace;

  constructor(settings: AgitSettings, place: ProposalPlace) {
    this.#settings = settings;
    this.#place = place;
  }

  async propose(proposed: Proposed, signal: AbortSignal): Promise<string> {
    const { head, base, path } = this.#place;
    const { git } = this.#settings;
    const topic = head.replaceAll("/", "-");
    const words = `the pull request of topic ${topic}`;
    const remembered = `refs/shepherd/proposed/${digestOf(proposed, path)}`;
    if ((await git.run(["rev-parse", "--quiet", "--verify", remembered], signal)).exitCode === 0) return words;
    const { title, body } = proposalText(proposed, this.#place);
    const options = [`topic=${topic}`, "force-push=true", `title=${oneLine(title)}`, `description=${asHtml(body)}`];
    const pushed = await git.run(
      [
        "push",
        "--porcelain",
        "--no-verify",
        ...options.flatMap((option) => ["--push-option", option]),
        "origin",
        `${proposed.commit}:refs/for/${base}`,
      ],
      signal,
    );
    if (pushed.exitCode !== 0) throw this.#refusal(`${pushed.stderr}\n${pushed.stdout}`);
    await this.#forget(signal);
    await git.run(["update-ref", remembered, proposed.commit], signal);
    const url = /https?:\/\/\S+\/pulls\/\d+/.exec(`${pushed.stderr}\n${pushed.stdout}`)?.[0];
    return url === undefined ? words : `${words} (${url})`;
  }

  /** A push cannot close one: a person does, or it goes with the merge. */
  async withdraw(signal: AbortSignal): Promise<void> {
    await this.#forget(signal);
  }

  async check(signal: AbortSignal): Promise<string> {
    const { git } = this.#settings;
    const to = `${READ}:refs/for/${this.#place.base}`;
    const pushed = await git.tryPush(["--push-option", "topic=check", "origin", to], signal);
    if (pushed.exitCode !== 0) throw this.#refusal(`${pushed.stderr}\n${pushed.stdout}`);
    return `by pushes to refs/for/${this.#place.base}`;
  }

  #refusal(said: string): TargetError {
    const { place } = this.#settings;
    if (!/does not support push options|refs\/for/i.test(said) || /Permission|denied|401|403/i.test(said)) return gitError(place, said);
    return new TargetError(
      "PullRequestRefused",
      `${place} takes no pushes to refs/for/${this.#place.base}, which git.pull_request: agit needs: only Forgejo and Gitea do; set it to the kind of server`,
    );
  }

  async #forget(signal: AbortSignal): Promise<void> {
    const { git } = this.#settings;
    const known = (await git.run(["for-each-ref", "--format=%(refname)", "refs/shepherd/proposed/"], signal)).stdout;
    for (const ref of known.split("\n").filter((line) => line !== "")) await git.run(["update-ref", "-d", ref], signal);
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, " ");
}

/** A push option has no line ends (git-push(1)): Markdown's own HTML stands in for them. */
function asHtml(markdown: string): string {
  const parts: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split("\n")) {
    const [run] = /^`{3,}/.exec(line) ?? [];
    if (fence === undefined && run !== undefined) {
      fence = run;
      parts.push("<pre>");
    } else if (fence !== undefined && line === fence) {
      fence = undefined;
      parts.push("</pre>");
    } else if (fence !== undefined) parts.push(`${escaped(line)}<br>`);
    else if (/^\|(?:---\|)+$/.test(line)) continue;
    else if (line.startsWith("| ")) parts.push(rowOf(line));
    else if (line.startsWith("<!--")) continue;
    else if (line !== "") parts.push(`<p>${inline(line.replace(/^- /, "• "))}</p>`);
  }
  return parts
    .join("")
    .replace("<tr>", "<table><tr>")
    .replace(/<\/tr>(?!<tr>)/, "</tr></table>");
}

function rowOf(line: string): string {
  const cells = line.slice(2, -2).split(" | ");
  return `<tr>${cells.map((text) => `<td>${text}</td>`).join("")}</tr>`;
}

function inline(text: string): string {
  return text.replaceAll(/`([^`]+)`/g, "<code>$1</code>").replaceAll(/\*\*([^*]+)\*\*/g, "<b>$1</b>");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
