import { type Duration, milliseconds } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";

/** How often something may be done: so many at once, and then one in `every`. */
export class Allowance {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #burst: number;
  readonly #every: Duration;
  #left: number;
  #at: Duration | undefined;

  constructor(clock: Pick<Clock, "monotonic">, burst: number, every: Duration) {
    this.#clock = clock;
    this.#burst = burst;
    this.#every = every;
    this.#left = burst;
  }

  /** @returns whether there was one to take */
  take(): boolean {
    const now = this.#clock.monotonic();
    const gone = milliseconds(now - (this.#at ?? now));
    this.#left = Math.min(this.#burst, this.#left + gone / this.#every);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
