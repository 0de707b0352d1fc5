import type { Condition } from "../domain/condition.ts";
import type { Duration } from "../domain/duration.ts";
import type { PassResult } from "./report.ts";

/**
 * `idle`: nothing is planned. `queued`: enqueued, for now or for later. `waiting`: it will look again by itself, after a success or a `Waiting`.
 * `backing-off`: it failed and is tried again. `stalled`: a person must act.
 */
export type PassState = "idle" | "queued" | "running" | "waiting" | "backing-off" | "stalled";

/** What a loop knows of a key. */
export interface KeyState<K> {
  readonly key: K;
  readonly state: PassState;
  /** How long until its next pass; zero or less where it only waits for its turn, absent where none is planned. */
  readonly dueIn?: Duration;
  /** How long its present pass has been running. */
  readonly runningFor?: Duration;
  /** Failures in a row. */
  readonly attempts: number;
  /** How its last complete pass ended, with the reason where it did not succeed. */
  readonly last?: PassResult;
}

/** A pass under way. */
export interface RunningPass {
  readonly abort: AbortController;
  readonly since: Duration;
}

/** A loop's own record of a key; only the loop changes it. */
export interface KeyEntry {
  resting: Exclude<PassState, "running">;
  running: RunningPass | undefined;
  /** The earliest time a pass was asked for while one runs. */
  dirty: Duration | undefined;
  /** Dropped while its pass runs; it goes when the pass ends. */
  forgotten: boolean;
  attempts: number;
  last: PassResult | undefined;
  /** The condition that the last report set. */
  shown: Condition | undefined;
}

/** The record of a key that nothing is known of yet. */
export function freshEntry(): KeyEntry {
  return { resting: "idle", running: undefined, dirty: undefined, forgotten: false, attempts: 0, last: undefined, shown: undefined };
}

/** The state in which a pass leaves its key, given the delay until the next pass. */
export function restingAfter(result: PassResult, next: Duration | undefined): KeyEntry["resting"] {
  if (result.kind === "stalled") return "stalled";
  if (result.kind === "failed") return "backing-off";
  return next === undefined ? "idle" : "waiting";
}
