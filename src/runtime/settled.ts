/**
 * Waits for `promise`, but no longer than until the signal aborts. The work behind the promise goes on.
 * @throws the signal's reason when aborted; what the promise rejects with
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** What `settledTogether` asks of a loop. */
export interface Settling {
  busy(): boolean;
  settled(signal: AbortSignal): Promise<void>;
}

/**
 * Resolves when none of the loops is busy, though passes of one enqueue keys of another.
 * @throws as `Loop.settled`
 */
export async function settledTogether(loops: readonly Settling[], signal: AbortSignal): Promise<void> {
  while (loops.some((loop) => loop.busy())) {
    for (const loop of loops) await loop.settled(signal);
  }
}
