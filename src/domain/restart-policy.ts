import { between, type Duration, hours, type Instant, milliseconds, minutes, seconds } from "./duration.ts";

/** The bounds that a person may change. */
export interface RestartLimits {
  /** Between two restarts of one Frigate. */
  readonly pause: Duration;
  /** In any twenty-four hours. */
  readonly aDay: number;
  /** No address may have changed for so long: what moves together is restarted for once. */
  readonly quiet: Duration;
  /** But that is not waited for longer than this, from the first change on. */
  readonly wait: Duration;
}

export const DEFAULT_RESTARTS: RestartLimits = { pause: minutes(10), aDay: 4, quiet: seconds(20), wait: minutes(2) };

const DAY = hours(24);
/** What only another event ends is asked about again this often. */
const RETRY = seconds(15);

export interface RestartQuestion {
  /** When the first and the last address changed that Frigate does not use yet. Monotonic, as every time here. */
  readonly firstChange: Duration;
  readonly lastChange: Duration;
  /** Earlier restarts, in any order: see `restartTimes`. */
  readonly restarts: readonly Duration[];
  /** Cameras without `detect.width` and `detect.height` that answer nowhere: at its start Frigate would take a wrong size for them. */
  readonly unsized: readonly string[];
  /** False where a person set `restart: never`. */
  readonly allowed: boolean;
}

export type RestartDecision =
  | { readonly kind: "now" }
  | { readonly kind: "wait"; readonly why: "quiet" | "pause" | "day" | "unsized"; readonly after: Duration }
  | { readonly kind: "refuse"; readonly why: "never" | "none-a-day" };

/**
 * Whether a Frigate may be restarted now for addresses that it reads only when it starts. A restart that puts a working text back after a failed
 * one is not asked about here: it is made once, at once, and counts for those after it.
 */
export function mayRestart(question: RestartQuestion, now: Duration, limits: RestartLimits = DEFAULT_RESTARTS): RestartDecision {
  if (!question.allowed) return { kind: "refuse", why: "never" };
  if (limits.aDay < 1) return { kind: "refuse", why: "none-a-day" };
  const latest = question.restarts.toSorted((one, other) => other - one);
  const [last] = latest;
  const pause = last === undefined ? 0 : last + limits.pause - now;
  const oldestOfDay = latest[limits.aDay - 1];
  const day = oldestOfDay === undefined ? 0 : oldestOfDay + DAY - now;
  if (day > Math.max(0, pause)) return { kind: "wait", why: "day", after: milliseconds(day) };
  if (pause > 0) return { kind: "wait", why: "pause", after: milliseconds(pause) };
  if (question.unsized.length > 0) return { kind: "wait", why: "unsized", after: RETRY };
  const quiet = Math.min(question.lastChange + limits.quiet, question.firstChange + limits.wait) - now;
  return quiet > 0 ? { kind: "wait", why: "quiet", after: milliseconds(quiet) } : { kind: "now" };
}

/**
 * Restarts that are on record, on the clock that never jumps. Asked once a run of the program; later restarts are added by that clock. One that the wall
 * clock has in the future (it was set back meanwhile) counts as made now: a clock that is set back makes pauses longer, never shorter.
 * @returns times that may be negative: before the monotonic clock began
 */
export function restartTimes(recorded: readonly Instant[], wall: Instant, monotonic: Duration): readonly Duration[] {
  return recorded.map((at) => milliseconds(monotonic - Math.max(0, between(at, wall))));
}
