import { mergeCondition } from "../domain/condition.ts";
import type { Condition } from "../domain/condition.ts";
import { formatDuration } from "../domain/duration.ts";
import type { Duration } from "../domain/duration.ts";
import { maskCredentials } from "../domain/mask.ts";
import type { Tell } from "../domain/notice.ts";
import { isReason, reasonOf } from "../domain/reasons.ts";
import type { ReasonCode } from "../domain/reasons.ts";
import { shortened } from "../domain/short-words.ts";
import { asError } from "../domain/thrown.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Status } from "../ports/status.ts";
import { Stalled, Waiting } from "./outcome.ts";

/** A message is for a person to read at a glance; a longer one is cut. */
const LONGEST_MESSAGE = 1000;

/** How one pass ended. */
export type PassResult =
  | { readonly kind: "done"; readonly requeueAfter: Duration | undefined }
  | { readonly kind: "waiting"; readonly reason: ReasonCode; readonly message: string; readonly after: Duration }
  /** A person must act. */
  | { readonly kind: "stalled"; readonly reason: ReasonCode; readonly message: string }
  /** It is tried again with backoff. */
  | { readonly kind: "failed"; readonly reason: ReasonCode; readonly message: string; readonly error: unknown };

export interface StatusOptions {
  readonly clock: Clock;
  readonly tell: Tell;
  readonly log: Log;
  /** How many subjects fit; further ones are left out and the first of them is logged. 10,000 where absent. */
  readonly limit?: number;
}

/** The conditions of the program in memory. A change of status or reason is told as a `condition` notice and logged, once. */
export function createStatus(options: StatusOptions): Status {
  const { clock, tell, log, limit = 10_000 } = options;
  const conditions = new Map<string, Condition>();
  let full = false;
  return {
    set(subject, status, reason, message, ask) {
      const previous = conditions.get(subject);
      if (previous === undefined && conditions.size >= limit) {
        if (!full) log.warn("too many conditions, further ones are left out", { subject, limit });
        full = true;
        return;
      }
      const next = { subject, status, reason, message: shortened(maskCredentials(message), LONGEST_MESSAGE), since: clock.now() };
      const condition = mergeCondition(previous, ask === undefined ? next : { ...next, ask });
      conditions.set(subject, condition);
      if (previous?.status === condition.status && previous.reason === condition.reason) return;
      logCondition(log, condition, previous);
      try {
        tell({ kind: "condition", condition });
      } catch (error) {
        log.error("a condition could not be told", { subject, error: asError(error) });
      }
    },
    clear(subject) {
      conditions.delete(subject);
      full = false;
    },
    get: (subject) => conditions.get(subject),
    all: () => [...conditions.values()],
  };
}

/** The result that an error thrown by a pass means. A `reason` or name that stands in the table of reasons is kept, else it is `InternalError`. */
export function resultOf(error: unknown): PassResult {
  const message = shortened(maskCredentials(asError(error).message), LONGEST_MESSAGE);
  if (error instanceof Stalled) return { kind: "stalled", reason: error.reason, message };
  if (error instanceof Waiting) return { kind: "waiting", reason: error.reason, message, after: error.after };
  return { kind: "failed", reason: reasonIn(error), message, error };
}

export interface PassReport {
  /** The loop's name. */
  readonly loop: string;
  readonly subject: string;
  readonly result: PassResult;
  /** Failures in a row, this one included. */
  readonly attempts: number;
  /** When it is tried again by itself; undefined: not before it is enqueued. */
  readonly retryAfter: Duration | undefined;
  /** The condition that the previous report of this subject left behind; undefined where it set none. */
  readonly previous: Condition | undefined;
}

/**
 * Turns the end of a pass into condition and log: the one place where a failure is logged.
 * A pass that went well says nothing, but it withdraws the failure that an earlier report showed, unless the pass set another condition itself.
 * @returns the condition that was set, to be handed to the next report
 */
export function reportPass(status: Status, log: Log, report: PassReport): Condition | undefined {
  const { result, subject } = report;
  const current = status.get(subject);
  if (result.kind === "done") {
    if (current !== undefined && current === report.previous) status.set(subject, "ok", "Healthy", reasonOf("Healthy").title);
    return undefined;
  }
  const fields = { loop: report.loop, subject, reason: result.reason, attempts: report.attempts, detail: result.message };
  const retry = report.retryAfter === undefined ? {} : { retryAfter: formatDuration(report.retryAfter) };
  log.debug("pass ended without success", { ...fields, ...retry, kind: result.kind });
  const known = current?.reason === result.reason && current.message === result.message;
  if (result.kind === "failed" && result.reason === "InternalError" && !known)
    log.error("unexpected error", { ...fields, ...retry, error: asError(result.error) });
  const calm = result.kind === "waiting" && reasonOf(result.reason).severity === "info";
  status.set(subject, calm ? "ok" : "problem", result.reason, result.message);
  return status.get(subject);
}

function logCondition(log: Log, condition: Condition, previous: Condition | undefined): void {
  const fields = { subject: condition.subject, status: condition.status, reason: condition.reason, detail: condition.message };
  if (condition.status === "ok") {
    if (previous === undefined) log.debug("condition", fields);
    else log.info("condition", fields);
  } else if (reasonOf(condition.reason).severity === "info") log.info("condition", fields);
  else log.warn("condition", fields);
}

function reasonIn(error: unknown): ReasonCode {
  if (!(error instanceof Error)) return "InternalError";
  const reason: unknown = "reason" in error ? error.reason : undefined;
  if (isReason(reason)) return reason;
  return isReason(error.name) ? error.name : "InternalError";
}
