import type { Duration } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

export interface ScopeOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** How long stopping may take altogether. */
  readonly stopWithin: Duration;
}

/** Something went wrong with a part: on its own, or while it was stopped. */
export interface ScopeFailure {
  readonly part: string;
  readonly error: unknown;
}

/** A part did not stop within the scope's time; it was left behind. */
export class StopTimedOut extends Error {
  override readonly name = "StopTimedOut";
  constructor(part: string, options?: ErrorOptions) {
    super(`${part} did not stop in time`, options);
  }
}

interface Part {
  readonly name: string;
  readonly stop: (deadline: AbortSignal) => Promise<void> | void;
}

/**
 * The parts of a running program: started one after the other, stopped in reverse. Stopping is one abort of `signal`; each part is then
 * awaited until one common deadline, so nothing hangs the shutdown, and each is asked to stop even after that.
 */
export class Scope {
  readonly #options: ScopeOptions;
  readonly #abort = new AbortController();
  readonly #parts: Part[] = [];
  readonly #failures: ScopeFailure[] = [];
  #stopping: Promise<readonly ScopeFailure[]> | undefined;

  constructor(options: ScopeOptions) {
    this.#options = options;
  }

  /** Aborts when the scope is stopped or a part of it fails. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Failures so far. */
  get failures(): readonly ScopeFailure[] {
    return [...this.#failures];
  }

  /**
   * Starts a part and remembers how it is stopped. A part that fails to start is not stopped.
   * @param stop is given a signal that aborts at the scope's deadline
   * @throws what `start` throws; the signal's reason where the scope is stopping already
   */
  async start<T>(
    name: string,
    start: (signal: AbortSignal) => Promise<T> | T,
    stop: (part: T, deadline: AbortSignal) => Promise<void> | void,
  ): Promise<T> {
    this.signal.throwIfAborted();
    const part = await start(this.signal);
    this.#parts.push({ name, stop: (deadline) => stop(part, deadline) });
    return part;
  }

  /**
   * Starts work that lives until `signal` aborts. Where it fails before that, the failure is kept and the whole scope is aborted;
   * what it throws afterwards is no failure.
   */
  spawn(name: string, work: (signal: AbortSignal) => Promise<void>): void {
    const ended = this.#guard(name, work);
    this.#parts.push({ name, stop: () => ended });
  }

  /** Resolves when the scope is aborted: by `abort`, by `stop` or by a part that failed. */
  async aborted(): Promise<void> {
    if (this.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** Begins the shutdown without waiting for it. */
  abort(reason?: unknown): void {
    this.#abort.abort(reason);
  }

  /** Aborts, then stops the parts in reverse. Never throws; called again it gives the same answer. */
  stop(): Promise<readonly ScopeFailure[]> {
    this.abort();
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #guard(name: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await work(this.signal);
    } catch (error) {
      if (this.signal.aborted) return;
      this.#fail(name, error);
      this.abort(error);
    }
  }

  async #stopAll(): Promise<readonly ScopeFailure[]> {
    const over = new AbortController();
    const late = new AbortController();
    const timer = this.#expire(late, over.signal);
    for (const part of this.#parts.splice(0).reverse()) {
      try {
        const stopped = Promise.resolve(part.stop(late.signal));
        await Promise.race([stopped, tooLate(part.name, late.signal, over.signal)]);
      } catch (error) {
        this.#fail(part.name, error);
      }
    }
    over.abort();
    await timer;
    return this.failures;
  }

  /** A wait and not a deadline, because a deadline does not keep the process alive and parts further down would not be stopped. */
  async #expire(late: AbortController, over: AbortSignal): Promise<void> {
    try {
      await this.#options.clock.wait("shutdown", this.#options.stopWithin, over);
      late.abort(new DOMException("the shutdown took too long", "TimeoutError"));
    } catch (error) {
      if (!over.aborted) throw error;
    }
  }

  #fail(part: string, error: unknown): void {
    this.#failures.push({ part, error });
    const log = this.#options.log;
    const fields = { part, error: error instanceof Error ? error : undefined };
    if (this.signal.aborted) log.warn("a part did not stop well", fields);
    else log.error("a part failed", fields);
  }
}

/** Fails once it is late, with a few turns of grace in which a part that stops at once is still heard. */
async function tooLate(part: string, late: AbortSignal, over: AbortSignal): Promise<void> {
  const either = AbortSignal.any([late, over]);
  if (!either.aborted) {
    await new Promise<void>((resolve) => {
      either.addEventListener("abort", () => resolve(), { once: true });
    });
  }
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  if (!over.aborted) throw new StopTimedOut(part);
}
