import { milliseconds, minutes, seconds } from "../domain/duration.ts";
import type { Duration } from "../domain/duration.ts";
import type { Clock, Random } from "../ports/clock.ts";

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

/** The endless schedule of a policy, delay by delay. */
export function* backoffSchedule(policy: BackoffPolicy, random: Random): Generator<Duration, never, undefined> {
  for (let attempt = 1; ; attempt += 1) yield backoffDelay(policy, attempt, random);
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly policy: BackoffPolicy;
  /** How often at most, the first try included; at least 1. */
  readonly attempts: number;
  /** False for an error that trying again cannot cure; all are retried where absent. */
  readonly retryable?: (error: unknown) => boolean;
}

/**
 * Tries until it succeeds, with the policy's delay after each failure.
 * @param name what is tried; shown in diagnostics
 * @throws the last failure after `attempts` tries or for one that is not retryable; the signal's reason when aborted
 */
export async function retry<T>(
  name: string,
  attempt: (signal: AbortSignal) => Promise<T>,
  options: RetryOptions,
  signal: AbortSignal,
): Promise<T> {
  for (let count = 1; ; count += 1) {
    signal.throwIfAborted();
    try {
      return await attempt(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (count >= options.attempts || options.retryable?.(error) === false) throw error;
      await options.clock.wait(`retry ${name}`, backoffDelay(options.policy, count, options.random), signal);
    }
  }
}
