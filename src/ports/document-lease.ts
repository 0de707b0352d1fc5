import type { Instant } from "../domain/duration.ts";

/** Who looks after a document. */
export interface LeaseHolder {
  readonly host: string;
  readonly pid: number;
  /** By the holder's own clock. */
  readonly since: Instant;
}

export type LeaseOutcome =
  | { readonly kind: "ours" }
  | { readonly kind: "theirs"; readonly holder: LeaseHolder }
  /** There is no place for one: `why` says so for a person. Only the compare-and-swap protects the document. */
  | { readonly kind: "none"; readonly why: string };

/** Keeps two copies of the program from looking after one document. */
export interface DocumentLease {
  /**
   * Takes the lease, renews it, or says who has it. To be called often; a lease that is not renewed runs out. Whoever wants to write asks right before.
   * @throws the signal's reason when aborted
   */
  take(signal: AbortSignal): Promise<LeaseOutcome>;
  /** Who has it just now, this copy included; undefined where nobody has. Changes nothing. @throws the signal's reason when aborted */
  holder(signal: AbortSignal): Promise<LeaseHolder | undefined>;
  /** Gives it up, where it is ours. Never throws. */
  release(): Promise<void>;
}
