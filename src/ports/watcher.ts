import type { EvidenceRecord } from "../domain/evidence.ts";
import type { Notice } from "../domain/notice.ts";
import type { RestartRecord } from "./restart-log.ts";

/** Somebody who counts what happens. None of them may throw. */
export interface Watcher {
  notice(notice: Notice): void;
  /** A verification has ended. */
  evidence(record: EvidenceRecord): void;
  /** A Frigate is asked to restart. */
  restart(kind: RestartRecord["kind"]): void;
}
