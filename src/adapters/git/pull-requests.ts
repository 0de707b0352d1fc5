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
  /**
   * Whether one could be opened, without opening any.
   * @returns how they are opened, for a person @throws TargetError where not
   */
  check(signal: AbortSignal): Promise<string>;
}

/** A pull request as a server's API has it. */
export interface PullRequest {
  readonly number: number;
  /** Its page. */
  readonly url: string;
  readonly isOpen: boolean;
  readonly isMerged: boolean;
  readonly title: string;
  readonly body: string;
}

/** The part of a server's API that pull requests need. */
export interface PullRequestApi {
  /** Those from one branch of the repository itself to another, the newest first; at most some dozens. @throws TargetError */
  list(head: string, base: string, signal: AbortSignal): Promise<readonly PullRequest[]>;
  /** @returns undefined where there is one already @throws TargetError */
  open(head: string, base: string, text: PullRequestText, signal: AbortSignal): Promise<PullRequest | undefined>;
  /** Whether one into the branch could be opened: what is asked for cannot be made. @throws TargetError */
  check(base: string, signal: AbortSignal): Promise<void>;
  /** @throws TargetError */
  change(number: number, change: Partial<PullRequestText> & { readonly close?: true }, signal: AbortSignal): Promise<void>;
}

export interface PullRequestText {
  readonly title: string;
  readonly body: string;
}
