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
