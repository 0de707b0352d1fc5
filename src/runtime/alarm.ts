import type { Duration } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";

/** A sleep that can be cut short. One sleeper at a time; ringing while nobody sleeps is forgotten, so the sleeper looks at its work first. */
export class Alarm {
  #asleep: AbortController | undefined;

  /** Wakes the sleeper, if there is one. */
  ring(): void {
    this.#asleep?.abort();
  }

  /**
   * Resolves after `span` or when rung, whichever is first.
   * @throws the signal's reason when aborted
   */
  async sleep(clock: Clock, name: string, span: Duration, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const asleep = new AbortController();
    const ring = (): void => asleep.abort();
    this.#asleep = asleep;
    signal.addEventListener("abort", ring, { once: true });
    try {
      await clock.wait(name, span, asleep.signal);
    } catch (error) {
      if (!asleep.signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", ring);
      this.#asleep = undefined;
    }
    signal.throwIfAborted();
  }
}
