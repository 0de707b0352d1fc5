import { type Duration, minutes } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import { TargetError, type TargetFact, type WriteOutcome } from "../../ports/config-target.ts";
import type { Proposed, PullRequests } from "./pull-requests.ts";

/** The same text on the same commit is pushed and proposed anew so often at most. */
const AGAIN = minutes(5);

export interface ProposalsSettings {
  /** For a person: the document. */
  readonly place: string;
  readonly clock: Clock;
  /** Who is asked; a text: nobody, and what a person may do about that. */
  readonly pullRequests: PullRequests | string;
}

interface Remembered {
  readonly base: string;
  readonly after: string;
  readonly since: Duration;
  readonly answer: WriteOutcome | TargetError;
}

/** What becomes of commits that the branch does not take. A server that refused one is not asked again each time the document is looked at. */
export class Proposals {
  readonly #settings: ProposalsSettings;
  #remembered: Remembered | undefined;
  /** When nothing was left of earlier proposals, or withdrawing failed: monotonic. */
  #clearedAt: { readonly at: Duration; readonly isClear: boolean } | undefined;

  constructor(settings: ProposalsSettings) {
    this.#settings = settings;
  }

  /** What was answered a moment ago for this text on this commit. @throws TargetError where that was the answer */
  recall(base: string, after: string): WriteOutcome | undefined {
    const known = this.#remembered;
    if (known === undefined || known.base !== base || known.after !== after) return undefined;
    if (this.#settings.clock.monotonic() - known.since >= AGAIN) return undefined;
    if (known.answer instanceof TargetError) throw known.answer;
    return known.answer;
  }

  /** @param said what the server said to the push @throws TargetError; the signal's reason when aborted */
  async propose(proposed: Proposed, said: string, signal: AbortSignal): Promise<WriteOutcome> {
    const { base, after } = proposed;
    const keep = (answer: WriteOutcome | TargetError): void => {
      this.#remembered = { base, after, since: this.#settings.clock.monotonic(), answer };
    };
    try {
      const { pullRequests, place } = this.#settings;
      if (typeof pullRequests === "string")
        throw new TargetError("GitProtected", `${place} takes no direct commits (${said}); ${pullRequests}`);
      this.#clearedAt = undefined;
      const outcome = { kind: "proposed", where: await pullRequests.propose(proposed, signal) } as const;
      keep(outcome);
      return outcome;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TargetError) keep(error);
      throw error;
    }
  }

  /** Whether a commit that the branch does not take could wait for people. @throws the signal's reason when aborted */
  async examine(signal: AbortSignal): Promise<TargetFact> {
    const { pullRequests } = this.#settings;
    if (typeof pullRequests === "string") return { state: "info", found: `where the branch takes no direct commits: ${pullRequests}` };
    try {
      return { state: "ok", found: `pull requests, where the branch takes no direct commits: ${await pullRequests.check(signal)}` };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TargetError)) throw error;
      return { state: "less", found: `no pull request could be opened: ${error.message}`, reason: error.reason };
    }
  }

  /** Nothing is to be changed: takes back what was proposed, this run of the program or an earlier one. Asked for at each look, and done once. */
  async withdraw(signal: AbortSignal): Promise<void> {
    const { pullRequests, clock } = this.#settings;
    this.#remembered = undefined;
    if (typeof pullRequests === "string") return;
    const done = this.#clearedAt;
    if (done !== undefined && (done.isClear || clock.monotonic() - done.at < AGAIN)) return;
    this.#clearedAt = { at: clock.monotonic(), isClear: false };
    await pullRequests.withdraw(signal);
    this.#clearedAt = { at: clock.monotonic(), isClear: true };
  }
}
