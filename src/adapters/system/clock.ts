import { instant, milliseconds } from "../../domain/duration.ts";
import type { Duration, Instant } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";

/** Node's timers hold a signed 32-bit number of milliseconds; a longer delay would fire after 1 ms (nodejs.org/api/timers.html#settimeoutcallback-delay-args). */
const LONGEST_SLICE = 2 ** 31 - 1;

/** A wait under way, for diagnostics. */
export interface PendingWait {
  readonly name: string;
  readonly span: Duration;
  readonly since: Instant;
}

export interface SystemClock extends Clock {
  /** Every wait under way, the oldest first. Deadlines are not listed. */
  pending(): readonly PendingWait[];
}

/** The machine's own time. A pending `wait` keeps the process alive, a `deadline` does not. */
export function createSystemClock(): SystemClock {
  const waits = new Set<PendingWait>();
  const now = (): Instant => instant(Date.now());
  return {
    now,
    monotonic: () => milliseconds(performance.now()),
    async wait(name, span, signal) {
      signal.throwIfAborted();
      const pending: PendingWait = { name, span, since: now() };
      waits.add(pending);
      try {
        const end = performance.now() + checked(span);
        do await slice(Math.min(LONGEST_SLICE, Math.max(0, end - performance.now())), signal);
        while (performance.now() < end);
      } finally {
        waits.delete(pending);
      }
    },
    deadline(name, span, signal) {
      if (checked(span) === Infinity || signal.aborted) return signal;
      const deadline = new AbortController();
      const end = performance.now() + span;
      const follow = (): void => {
        clearTimeout(timer);
        deadline.abort(signal.reason);
      };
      const expire = (): void => {
        const left = end - performance.now();
        if (left > 0) {
          timer = setTimeout(expire, Math.min(LONGEST_SLICE, left)).unref();
          return;
        }
        signal.removeEventListener("abort", follow);
        deadline.abort(new DOMException(`${name} took too long`, "TimeoutError"));
      };
      let timer = setTimeout(expire, Math.min(LONGEST_SLICE, Math.max(0, span))).unref();
      signal.addEventListener("abort", follow, { once: true });
      return deadline.signal;
    },
    pending: () => [...waits],
  };
}

function slice(span: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, span);
    signal.addEventListener("abort", abort, { once: true });
  });
}

function checked(span: Duration): Duration {
  if (Number.isNaN(span)) throw new RangeError("a span of time is not a number");
  return span;
}
