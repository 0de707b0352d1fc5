import type { EvidenceRecord } from "../domain/evidence.ts";
import type { Notice } from "../domain/notice.ts";

/** Somebody who counts what happens. Neither may throw. */
export interface Watcher {
  notice(notice: Notice): void;
  /** A verification has ended. */
  evidence(record: EvidenceRecord): void;
}
