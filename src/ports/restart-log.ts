import type { Instant } from "../domain/duration.ts";
import type { DocumentRef } from "../domain/remembered-document.ts";

/** One restart of a Frigate that was asked for: recorded before it is. */
export interface RestartRecord {
  readonly id: number;
  /** The Frigate's name. */
  readonly target: string;
  /** Where its document is; absent in those of the first releases. */
  readonly place?: string;
  readonly at: Instant;
  /** `restoring`: it puts the text before a failed restart into use. */
  readonly kind: "change" | "restoring";
  /** `called`: not seen to answer since. `safe-mode`: it answered without its cameras. */
  readonly state: "called" | "up" | "safe-mode";
  /** The document without what it was restarted for, and with it: for putting back. Absent where nothing can be, and once it is up. */
  readonly texts?: { readonly before: string; readonly after: string };
}

/** The restarts that were asked for, over restarts of this program. */
export interface RestartLog {
  /** Those of the Frigate with this document, by its place, the newest first; the newest hundred of each are kept. */
  restarts(document: DocumentRef): readonly RestartRecord[];
  beginRestart(document: DocumentRef, kind: RestartRecord["kind"], at: Instant, texts?: RestartRecord["texts"]): number;
  /** Its texts are forgotten where it came up. */
  settleRestart(id: number, state: "up" | "safe-mode"): void;
}
