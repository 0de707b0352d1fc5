import { TargetError } from "../../ports/config-target.ts";
import type { OwnBranch } from "./own-branch.ts";
import { digestOf, markIn, proposalText, type ProposalPlace, withdrawnBody } from "./proposal.ts";
import type { Proposed, PullRequest, PullRequestApi, PullRequests } from "./pull-requests.ts";

/** Pull requests by a server's API, from the program's own branch. What the server has is asked each time, so nothing need be remembered. */
export class ApiPullRequests implements PullRequests {
  readonly #api: PullRequestApi;
  readonly #branch: OwnBranch;
  readonly #place: ProposalPlace;

  constructor(api: PullRequestApi, branch: OwnBranch, place: ProposalPlace) {
    this.#api = api;
    this.#branch = branch;
    this.#place = place;
  }

  async propose(proposed: Proposed, signal: AbortSignal): Promise<string> {
    const { head, base, path } = this.#place;
    const text = proposalText(proposed, this.#place);
    const known = await this.#api.list(head, base, signal);
    const open = known.find(({ isOpen }) => isOpen);
    const digest = digestOf(proposed, path);
    const rejected = known.find(({ isOpen, isMerged, body }) => !isOpen && !isMerged && markIn(body) === digest);
    if (open === undefined && rejected !== undefined)
      throw new TargetError(
        "PullRequestClosed",
        `${wordsOf(rejected)} was closed without being merged, so it is not proposed again: reopen it, or correct ${path} by hand`,
      );
    const tip = await this.#branch.look(signal);
    if (tip === undefined || tip.document !== (await this.#branch.documentAt(proposed.commit, signal)))
      await this.#branch.put(proposed.commit, tip, [], signal);
    if (open !== undefined) {
      if (open.title !== text.title || !isSame(open.body, text.body)) await this.#api.change(open.number, text, signal);
      return wordsOf(open);
    }
    const opened = (await this.#api.open(head, base, text, signal)) ?? (await this.#found(signal));
    return wordsOf(opened);
  }

  async withdraw(signal: AbortSignal): Promise<void> {
    const { head, base } = this.#place;
    const tip = await this.#branch.look(signal);
    if (tip === undefined) return;
    try {
      for (const { number, isOpen, body } of await this.#api.list(head, base, signal))
        if (isOpen) await this.#api.change(number, { body: withdrawnBody(body), close: true }, signal);
    } finally {
      // A server closes the pull request of a branch that goes, also where the API refused.
      await this.#branch.delete(tip, signal);
    }
  }

  async check(signal: AbortSignal): Promise<string> {
    await this.#api.list(this.#place.head, this.#place.base, signal);
    await this.#api.check(this.#place.base, signal);
    return "by the server's API";
  }

  /** Another copy of the program opened it a moment ago. */
  async #found(signal: AbortSignal): Promise<PullRequest> {
    const found = (await this.#api.list(this.#place.head, this.#place.base, signal)).find(({ isOpen }) => isOpen);
    if (found !== undefined) return found;
    throw new TargetError("PullRequestRefused", `there is a pull request of ${this.#place.head} that cannot be seen; look for it there`);
  }
}

function wordsOf({ number, url }: PullRequest): string {
  return `pull request ${String(number)} (${url})`;
}

/** Servers store line ends as browsers send them. */
function isSame(one: string, other: string): boolean {
  const plain = (text: string): string => text.replaceAll("\r\n", "\n").trim();
  return plain(one) === plain(other);
}
