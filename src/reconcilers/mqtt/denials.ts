import type { Duration } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Incoming, Session } from "../../ports/publisher.ts";

export interface DenialsParts {
  /** Topics at which something of ours should come back: those that are published anyway, and those of `look`. */
  readonly awaited: readonly string[];
  readonly clock: Clock;
  /** What is published comes back within this, where we may publish and read. */
  readonly echoWithin: Duration;
}

/**
 * Finds out what the broker does not let this user do, in one session. Over MQTT 5 it says so; over 3.1.1 it acknowledges and drops, and a broker may
 * grant a subscription and pass nothing on. So we listen to what we publish ourselves: what does not come back was dropped on one of the two ways.
 */
export class Denials {
  readonly #parts: DenialsParts;
  readonly #denied = new Set<string>();
  readonly #silent = new Set<string>();
  readonly #heard = new Set<string>();
  readonly #all = Promise.withResolvers<undefined>();

  constructor(parts: DenialsParts) {
    this.#parts = parts;
  }

  /** What a broker had kept proves nothing: it may be of an earlier session. */
  heard({ topic, retained }: Incoming): void {
    if (retained || !this.#parts.awaited.includes(topic)) return;
    this.#heard.add(topic);
    this.#check();
  }

  /** @returns whether that is news */
  add(topic: string): boolean {
    const isNews = !this.#denied.has(topic);
    // A few are enough for a person.
    if (this.#denied.size < 100) this.#denied.add(topic);
    this.#check();
    return isNews;
  }

  /** Tries these topics, and waits until everything came back or the time is over. @throws PublisherError; the signal's reason when aborted */
  async look(probes: readonly string[], session: Session, signal: AbortSignal): Promise<void> {
    const { clock, echoWithin } = this.#parts;
    for (const topic of probes) {
      const outcome = await session.publish({ topic, payload: "", retain: false }, signal);
      if (outcome === "denied") this.add(topic);
    }
    const heard = new AbortController();
    const late = clock.wait("mqtt echo", echoWithin, AbortSignal.any([signal, heard.signal])).catch(() => undefined);
    await Promise.race([this.#all.promise, late]);
    heard.abort();
    signal.throwIfAborted();
    for (const topic of this.#missing()) this.#silent.add(topic);
  }

  /** What is denied, as the end of a sentence that begins with the broker's address; undefined where nothing is. */
  words(refusedFilters: readonly string[]): string | undefined {
    const words = [
      ...phrase("does not let the user publish to", [...this.#denied]),
      ...phrase("does not let the user subscribe to", refusedFilters),
      ...phrase(
        "passes on nothing of what is published to",
        [...this.#silent].filter((topic) => !refusedFilters.includes(topic)),
      ),
    ];
    return words.length === 0 ? undefined : words.join("; it ");
  }

  #check(): void {
    if (this.#missing().length === 0) this.#all.resolve(undefined);
  }

  /** What neither came back nor was denied by name. */
  #missing(): readonly string[] {
    return this.#parts.awaited.filter((topic) => !this.#heard.has(topic) && !this.#denied.has(topic));
  }
}

function phrase(verb: string, topics: readonly string[]): readonly string[] {
  const [first, ...others] = topics;
  if (first === undefined) return [];
  return [`${verb} ${first}${others.length === 0 ? "" : ` and ${String(others.length)} more`}`];
}
