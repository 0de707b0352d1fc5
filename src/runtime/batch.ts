import { milliseconds } from "../domain/duration.ts";
import type { Duration } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";
import { Alarm } from "./alarm.ts";
import { LimitReached } from "./limit-reached.ts";

export interface BatchOptions {
  readonly clock: Clock;
  /** What is gathered; shown in diagnostics. */
  readonly name: string;
  /** A batch is complete once nothing new came for so long … */
  readonly quiet: Duration;
  /** … or once its first item has waited for so long. */
  readonly most: Duration;
  /** How many different items fit; a full batch is complete at once. */
  readonly limit: number;
}

/** Gathers items that come in a burst, so that thirty moved cameras make one change. One reader at a time. */
export class Batch<T> {
  readonly #options: BatchOptions;
  readonly #items = new Set<T>();
  readonly #alarm = new Alarm();
  #firstAt: Duration | undefined;
  #lastAt: Duration | undefined;

  constructor(options: BatchOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#items.size;
  }

  /**
   * Adds an item; one that is there already only prolongs the quiet period.
   * @throws LimitReached where a full batch was not taken yet
   */
  add(item: T): void {
    if (!this.#items.has(item) && this.#items.size >= this.#options.limit)
      throw new LimitReached(`batch ${this.#options.name}`, this.#options.limit);
    const now = this.#options.clock.monotonic();
    this.#items.add(item);
    this.#firstAt ??= now;
    this.#lastAt = now;
    this.#alarm.ring();
  }

  /**
   * Waits for a complete batch and takes it, in the order in which the items first came.
   * @throws the signal's reason when aborted; what was gathered stays
   */
  async next(signal: AbortSignal): Promise<readonly T[]> {
    for (;;) {
      signal.throwIfAborted();
      const left = this.#left();
      if (left <= 0) return this.#take();
      await this.#alarm.sleep(this.#options.clock, `batch ${this.#options.name}`, left, signal);
    }
  }

  /** How long the batch is not complete yet; infinite while it is empty. */
  #left(): Duration {
    if (this.#firstAt === undefined || this.#lastAt === undefined) return milliseconds(Infinity);
    if (this.#items.size >= this.#options.limit) return milliseconds(0);
    const complete = Math.min(this.#lastAt + this.#options.quiet, this.#firstAt + this.#options.most);
    return milliseconds(complete - this.#options.clock.monotonic());
  }

  #take(): readonly T[] {
    const items = [...this.#items];
    this.#items.clear();
    this.#firstAt = undefined;
    this.#lastAt = undefined;
    return items;
  }
}
