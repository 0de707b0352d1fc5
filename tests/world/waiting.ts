import { setTimeout as wait } from "node:timers/promises";

/**
 * Asks until the answer is neither undefined nor false.
 * @param what is waited for, for the message
 * @param within how long, in ms
 * @param every how often, in ms
 * @throws after `within`
 */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  within = 10_000,
  every = 20,
): Promise<T> {
  const start = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() - start > within) throw new Error(`waited ${within} ms in vain for ${what}`);
    await wait(every);
  }
}

/** Waits `ms` milliseconds, or less where the signal is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await wait(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}

/** Wall-clock time in ms with a fraction, as tcpdump prints it; for comparing with captures. */
export function epochMilliseconds(): number {
  return performance.timeOrigin + performance.now();
}
