import { milliseconds, minutes, seconds } from "../domain/duration.ts";
import type { Duration } from "../domain/duration.ts";
import type { Random } from "../ports/clock.ts";

/** A schedule of retries as data. */
export interface BackoffPolicy {
  /** Before the first retry. */
  readonly initial: Duration;
  /** What each further delay is multiplied with; at least 1. */
  readonly factor: number;
  /** No delay is longer. */
  readonly max: Duration;
  /** The part of a delay, 0 to 1, that chance takes away: keeps many keys that failed together from returning together. */
  readonly jitter: number;
}

/** For work against machines of the house: 1 s, doubling to 5 min, a quarter of it left to chance. */
export const DEFAULT_BACKOFF: BackoffPolicy = { initial: seconds(1), factor: 2, max: minutes(5), jitter: 0.25 };

/**
 * The delay before retry number `attempt`, counted from 1: within `[base × (1 − jitter), base]`,
 * where base is `initial × factor ^ (attempt − 1)` and at most `max`.
 */
export function backoffDelay(policy: BackoffPolicy, attempt: number, random: Random): Duration {
  const base = Math.min(policy.max, policy.initial * policy.factor ** Math.max(0, attempt - 1));
  return milliseconds(base * (1 - policy.jitter * random()));
}
