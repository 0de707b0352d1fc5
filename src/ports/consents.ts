import type { DeviceId } from "../domain/camera.ts";
import type { HostEdit } from "../domain/document.ts";
import type { Instant } from "../domain/duration.ts";
import type { Host } from "../domain/host-name.ts";
import type { DocumentRef } from "../domain/remembered-document.ts";
import type { Action, ActionResult } from "./actions.ts";
import type { ChangeRecord } from "./registry.ts";

/** A change that waits for a person: at most one a document. */
export interface ProposalRecord {
  /** Follows from the document, as it was called first, and both texts, so equal ids mean the very same change. */
  readonly id: string;
  readonly target: string;
  /** Absent in those of the first releases. */
  readonly place?: string;
  /** Both texts hold credentials: the database has mode 0600. */
  readonly before: string;
  readonly after: string;
  readonly edits: readonly HostEdit[];
  readonly cameras: readonly DeviceId[];
  /** The records of the proofs that it rests on (`Registry.addEvidence`). */
  readonly evidence: readonly number[];
  readonly at: Instant;
}

/** A camera that is not to be healed to an address, though it may be proved there; or the name of one that is not to be replaced by an address. */
export interface HoldRecord {
  readonly device: DeviceId;
  readonly address: Host;
  /** A person took the change back, or no frames came. */
  readonly why: "undone" | "rolled-back";
  readonly at: Instant;
  /** What the documents said of the device when the hold began to count; when they say something else, it is over. */
  readonly circumstances?: string;
}

/** A request of another process to the one that runs. */
export interface RequestRecord {
  readonly id: number;
  readonly action: Action;
  readonly at: Instant;
  /** Nobody waits for the answer any longer: it is not begun after this. */
  readonly until: Instant;
}

/** What people said, asked for, and have not said yet. Part of the program's memory: every call is synchronous, durable and atomic. */
export interface Consents {
  proposals(): readonly ProposalRecord[];
  /** Replaces what was proposed before for the document of this name or at this place. */
  saveProposal(record: ProposalRecord): void;
  removeProposal(id: string): void;
  holds(): readonly HoldRecord[];
  /** Replaces the hold of the same device and address. Keeps the newest 100. */
  saveHold(record: HoldRecord): void;
  removeHold(device: DeviceId, address: Host): void;
  /** Settled changes at the document's place, and those under its name, which may be another's by now; the newest first. */
  settledChanges(document: DocumentRef): readonly ChangeRecord[];
  /** A kept change was undone. */
  undoneChange(id: number): void;
  /** Keeps the newest 100. @returns its id */
  addRequest(action: Action, at: Instant, until: Instant): number;
  /** Requests that nobody took yet, the oldest first; those that are too old are removed. */
  openRequests(now: Instant): readonly RequestRecord[];
  /** @returns false where another process was faster */
  takeRequest(id: number): boolean;
  answerRequest(id: number, result: ActionResult): void;
  /** The answer; undefined while there is none. */
  answerOf(id: number): ActionResult | undefined;
  removeRequest(id: number): void;
  /** A fact about this installation by name. */
  fact(name: string): string | undefined;
  saveFact(name: string, value: string): void;
}
