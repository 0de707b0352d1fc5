import { type Duration, hours, seconds } from "../../domain/duration.ts";
import type { Publication } from "../../ports/publisher.ts";
import type { LinkSession } from "./broker-link.ts";

/** So many events wait; the oldest make room. */
const MOST_WAITING = 100;
/** What is older is news to nobody. */
const TOO_OLD = hours(1);
/** An event that was published so shortly before the connection ended may have been lost with the broker. */
const LOST_WITH_IT = seconds(60);

/** Whether Home Assistant listens: it says so when it starts (its birth message) and its will says when it ends. Neither is retained. */
type Presence = "unknown" | "online" | "offline";

interface Waiting {
  readonly event: Publication;
  /** Monotonic. */
  readonly at: Duration;
  /** It was published while nobody knew whether Home Assistant listens. */
  isTried: boolean;
}

/**
 * Events on their way. Home Assistant takes no retained event, and one that comes before it subscribed is lost (core, components/mqtt/event.py): so they
 * wait until it listens. While that is not known they are published and kept: whoever listens has them at once. They are published again when Home
 * Assistant is born, and forgotten when it ends, because then it was there all along.
 */
export class EventQueue {
  #waiting: readonly Waiting[] = [];
  #presence: Presence = "unknown";

  get size(): number {
    return this.#waiting.length;
  }

  add(event: Publication, now: Duration): void {
    this.#waiting = [...this.#waiting, { event, at: now, isTried: false }].slice(-MOST_WAITING);
  }

  /** A connection to the broker begins: it may be the broker that was away, and Home Assistant may have lost it too. */
  begin(now: Duration): void {
    this.#presence = "unknown";
    this.#waiting = this.#waiting.filter(({ isTried, at }) => !isTried || now - at <= LOST_WITH_IT);
  }

  born(): void {
    this.#presence = "online";
  }

  gone(): void {
    if (this.#presence === "unknown") this.#waiting = this.#waiting.filter(({ isTried }) => !isTried);
    this.#presence = "offline";
  }

  /** Publishes what may be published now, in order. @throws as `LinkSession.publish`; what was not published stays */
  async flush(session: LinkSession, now: Duration, signal: AbortSignal): Promise<void> {
    this.#waiting = this.#waiting.filter(({ at }) => now - at <= TOO_OLD);
    for (const one of this.#waiting) {
      if (this.#presence === "offline") return;
      const isSure = this.#presence === "online";
      if (one.isTried && !isSure) continue;
      await session.publish(one.event, signal);
      one.isTried = true;
      if (isSure) this.#waiting = this.#waiting.filter((other) => other !== one);
    }
  }
}
