import { instant, milliseconds } from "../../src/domain/duration.ts";
import type { Duration, Instant } from "../../src/domain/duration.ts";
import type { Clock } from "../../src/ports/clock.ts";

interface Timer {
  readonly name: string;
  readonly kind: "wait" | "deadline";
  /** Virtual monotonic time. */
  readonly due: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A timer of the fake clock, for assertions. */
export interface PendingTimer {
  readonly name: string;
  readonly kind: "wait" | "deadline";
  readonly dueIn: Duration;
}

/**
 * Virtual time: it stands still until the test advances it, and then every timer fires in the order of its time, one by one, with all that
 * follows from it done before the next. Days take milliseconds. Only work made of promises is followed, not real files or sockets.
 */
export class FakeClock implements Clock {
  #monotonic = 0;
  #wall: number;
  #order = 0;
  #advancing = false;
  readonly #timers = new Set<Timer>();

  constructor(start: Instant = instant(Date.UTC(2026, 0, 1))) {
    this.#wall = start;
  }

  now(): Instant {
    return instant(this.#wall + this.#monotonic);
  }

  monotonic(): Duration {
    return milliseconds(this.#monotonic);
  }

  wait(name: string, span: Duration, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const abort = (): void => {
        this.#timers.delete(timer);
        reject(signal.reason);
      };
      const timer = this.#add(name, "wait", span, () => {
        signal.removeEventListener("abort", abort);
        resolve();
      });
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  deadline(name: string, span: Duration, signal: AbortSignal): AbortSignal {
    if (Number.isNaN(span)) throw new RangeError("a span of time is not a number");
    if (signal.aborted || span === Infinity) return signal;
    const deadline = new AbortController();
    const follow = (): void => {
      this.#timers.delete(timer);
      deadline.abort(signal.reason);
    };
    const timer = this.#add(name, "deadline", span, () => {
      signal.removeEventListener("abort", follow);
      deadline.abort(new DOMException(`${name} took too long`, "TimeoutError"));
    });
    signal.addEventListener("abort", follow, { once: true });
    return deadline.signal;
  }

  /** Lets time pass by `span`, firing what becomes due. */
  async advance(span: Duration): Promise<void> {
    await this.#advanceTo(this.#monotonic + span);
  }

  /**
   * Lets time pass until no timer with an end is left, deadlines included.
   * @param most how long at most; an endless repetition is an error
   */
  async advanceUntilIdle(most: Duration): Promise<void> {
    const end = this.#monotonic + most;
    await settle();
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (next.due > end) throw new Error(`still busy after ${most} ms: ${this.#names()}`);
      await this.#advanceTo(next.due);
    }
  }

  /** Makes the wall clock jump, as NTP does after a boot. Waits are not touched. */
  jump(span: Duration): void {
    this.#wall += span;
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    await settle();
  }

  /** Timers under way, in the order in which they fire. */
  pending(): readonly PendingTimer[] {
    return this.#sorted().map(({ name, kind, due }) => ({ name, kind, dueIn: milliseconds(due - this.#monotonic) }));
  }

  #add(name: string, kind: Timer["kind"], span: Duration, fire: () => void): Timer {
    if (Number.isNaN(span)) throw new RangeError("a span of time is not a number");
    this.#order += 1;
    const timer: Timer = { name, kind, due: this.#monotonic + Math.max(0, span), order: this.#order, fire };
    this.#timers.add(timer);
    return timer;
  }

  async #advanceTo(end: number): Promise<void> {
    if (this.#advancing) throw new Error("time is advanced already");
    this.#advancing = true;
    try {
      await settle();
      for (let next = this.#next(); next !== undefined && next.due <= end; next = this.#next()) {
        this.#monotonic = next.due;
        this.#timers.delete(next);
        next.fire();
        await settle();
      }
      this.#monotonic = Math.max(this.#monotonic, end);
    } finally {
      this.#advancing = false;
    }
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (timer.due < (first?.due ?? Infinity)) first = timer;
    return first;
  }

  #sorted(): readonly Timer[] {
    return [...this.#timers].toSorted((left, right) => left.due - right.due || left.order - right.order);
  }

  #names(): string {
    return this.#sorted()
      .map((timer) => timer.name)
      .join(", ");
  }
}

/** `setImmediate` runs once no promise can go on: all that follows from the last event is done then. */
async function settle(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
