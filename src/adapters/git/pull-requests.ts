import type { ChangeNote } from "../../ports/config-target.ts";

/** A commit that a branch does not take by itself. */
export interface Proposed {
  /** It is in our repository, on top of `base`. */
  readonly commit: string;
  readonly base: string;
  readonly note: ChangeNote | undefined;
  readonly before: string;
  readonly after: string;
}

/** Where a commit waits for people: at most one pull request for each document, found again and brought up to date. */
export interface PullRequests {
  /** @returns where it is, for a person @throws TargetError */
  propose(proposed: Proposed, signal: AbortSignal): Promise<string>;
  /** Closes what is open and needless now. @throws TargetError */
  withdraw(signal: AbortSignal): Promise<void>;
}
