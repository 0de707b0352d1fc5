import type { Instant } from "../domain/duration.ts";
import { maskCredentials } from "../domain/mask.ts";
import type { Notice } from "../domain/notice.ts";

/** A value as one line of JSON, credentials in its texts masked. Undefined keys are absent; durations are milliseconds. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === "string" ? maskCredentials(item) : item));
}

/** A notice as one line of JSON: `time` in ISO 8601, `kind`, and the facts of that kind (docs/output.md). */
export function noticeLine(notice: Notice, at: Instant): string {
  return jsonLine({ time: new Date(at).toISOString(), ...notice });
}
