import type { Duration, Instant } from "../domain/duration.ts";

/** Time as the program sees it. The only way to learn the time or to wait. */
export interface Clock {
  /** Wall-clock time. May jump; for records and display. */
  now(): Instant;
  /** A clock that never jumps, from an arbitrary start; for measuring and for scheduling. */
  monotonic(): Duration;
  /**
   * Resolves after `span` (an infinite span: never).
   * @param name what is waited for; shown in diagnostics
   * @throws the signal's reason at once when it is aborted
   */
  wait(name: string, span: Duration, signal: AbortSignal): Promise<void>;
  /** A signal that aborts when `signal` does, or after `span` with a `TimeoutError`. Its timer does not keep the process alive. */
  deadline(name: string, span: Duration, signal: AbortSignal): AbortSignal;
}

/** A number in [0, 1): the source of every jitter. */
export type Random = () => number;
