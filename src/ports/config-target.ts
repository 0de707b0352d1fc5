import type { DocumentFormat } from "../domain/document.ts";
import type { Duration } from "../domain/duration.ts";
import type { DocumentLease } from "./document-lease.ts";
import type { PipelineReason } from "./pipeline.ts";
import type { FrigateReason } from "./running-frigate.ts";

declare const brand: unique symbol;

/** Identifies one exact state of a document; equal revisions mean equal bytes. */
export type Revision = string & { readonly [brand]: "Revision" };

export type TargetName = string & { readonly [brand]: "TargetName" };

export interface TargetText {
  /** UTF-16 text of the whole document, a byte-order mark included. */
  readonly text: string;
  readonly revision: Revision;
}

/** A camera whose address a change corrects. */
export interface CameraMove {
  readonly camera: string;
  readonly from: string;
  readonly to: string;
  readonly macs: readonly string[];
  /** Number of the record of the proof that it rests on. */
  readonly evidence?: number;
  /** Which steps of that proof passed, for a person. */
  readonly proof?: string;
}

/** Why a text is written, for documents that keep their history. */
export interface ChangeNote {
  readonly kind: "heal" | "undo";
  readonly moves: readonly CameraMove[];
}

export type WriteOutcome =
  | { readonly kind: "written"; readonly revision: Revision }
  /** Its bytes are not those of `expected` any more: nothing was written. */
  | { readonly kind: "stale"; readonly current: TargetText }
  /** Nothing was written: it waits where a person decides about it. `where` is for a person. */
  | { readonly kind: "proposed"; readonly where: string };

/** One document that other programs read and that we keep right. */
export interface ConfigTarget {
  readonly name: TargetName;
  /** Where it is, for a person: a path or a URL without credentials. */
  readonly place: string;
  readonly format: DocumentFormat;
  /** Keeps other copies of the program away from it; absent where there is no place for one. */
  readonly lease?: DocumentLease | undefined;
  /** @throws TargetError; the signal's reason when aborted */
  read(signal: AbortSignal): Promise<TargetText>;
  /**
   * Replaces the whole text if the document is still at `expected`; after a crash it is the old or the new text, never a mixture.
   * @param note why, where the document keeps a history
   * @throws TargetError; the signal's reason when aborted before the change became visible
   */
  write(text: string, expected: Revision, signal: AbortSignal, note?: ChangeNote): Promise<WriteOutcome>;
  /** How often it is read, and for how long changes are gathered into one; those of a file where absent. */
  readonly pace?: { readonly reread: Duration; readonly gather: Duration } | undefined;
  /** Nothing is to be changed in it: what was proposed and is needless now may go. @throws TargetError */
  settled?(signal: AbortSignal): Promise<void>;
  /** Whether a write would be permitted, without writing. @throws TargetError where not */
  checkWritable(signal: AbortSignal): Promise<void>;
  /** What else is to be known of how a change of it comes into use; nothing is changed. @throws TargetError */
  examine?(signal: AbortSignal): Promise<readonly TargetFact[]>;
}

/** One fact for a person. `less`: it goes without, with less; `act`: a person must act. */
export interface TargetFact {
  readonly state: "ok" | "info" | "less" | "act";
  readonly found: string;
  /** Says what to do. */
  readonly reason?: TargetReason | PipelineReason;
}

/** Why a document in a Git repository cannot be read or written. */
export type GitReason =
  | "GitMissing"
  | "GitUnreachable"
  | "GitRefusesLogin"
  | "GitHostKeyUnknown"
  | "GitReadOnly"
  | "GitProtected"
  | "GitBranchMissing"
  | "GitRepositoryMissing"
  | "GitRefused"
  | "PullRequestRefused"
  | "PullRequestClosed";

/** Why a document in a Kubernetes cluster, or what runs on it, cannot be read or written. */
export type ClusterReason =
  | "ClusterUnreachable"
  | "ClusterRefusesLogin"
  | "ClusterForbids"
  | "ClusterRefused"
  | "ClusterUnnamed"
  | "OwnedElsewhere"
  | "ConfigMapImmutable"
  | "ConfigMapUnused"
  | "WorkloadMissing";

/** Why a document cannot be read or written; the last is a text of somebody else's that came over ours. */
export type TargetReason =
  | "DocumentMissing"
  | "DocumentUnnamed"
  | "DocumentForbidden"
  | "DocumentUnreadable"
  | "RewriteNotProved"
  | "EditedWhileSaving"
  | GitReason
  | ClusterReason
  | FrigateReason;

export class TargetError extends Error {
  override readonly name = "TargetError";
  readonly reason: TargetReason;
  constructor(reason: TargetReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
