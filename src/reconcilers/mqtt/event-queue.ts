import { type Duration, hours, minutes, seconds } from "../../domain/duration.ts";
import type { Publication } from "../../ports/publisher.ts";
import type { LinkSession } from "./broker-link.ts";

/** So many events wait; the oldest make room. */
const MOST_WAITING = 100;
/** What is older is news to nobody. */
const TOO_OLD = hours(1);
/** An event that was published so shortly before the connection ended may have been lost with the broker. */
const LOST_WITH_IT = seconds(60);
/** What nobody heard is tried again so often: Home Assistant's birth may be missed, too. */
const AGAIN = minutes(1);

/**
 * What a message that is published a second time says of the first: `heard` by somebody who listens to this camera's events, or `perhaps`. Home Assistant
 * drops what it has already (`discovery.ts`).
 */
export type Again = "heard" | "perhaps";

/** Makes the message of one event. */
export type MakeEvent = (again?: Again) => Publication;

/** Whether Home Assistant listens: it says so when it starts (its birth message) and its will says when it ends. Neither is retained. */
type Presence = "unknown" | "online" | "offline";

interface Waiting {
  readonly make: MakeEvent;
  /** Monotonic. */
  readonly at: Duration;
  /** When it was published last, and whether anybody can have heard it. */
  tried?: { readonly at: Duration; readonly heard: Again | "no" };
}

/**
 * Events on their way. Home Assistant takes no retained event, and one that comes before it subscribed is lost (core, components/mqtt/event.py). So each is
 * published at once, whatever was said of Home Assistant (there may be two), and kept while it may have been missed. A broker of MQTT 5 says of
 * a message that nobody listens to it (§3.4.2.1, 0x10); it is believed where it says the same of a topic beside it that nobody knows of. What nobody heard waits for the next birth,
 * and is tried once a minute. What somebody heard is over, unless a Home Assistant said goodbye before. What somebody may have heard is published once
 * more at the next birth.
 */
export class EventQueue {
  readonly #probe: Publication;
  #waiting: readonly Waiting[] = [];
  #presence: Presence = "unknown";
  #isBorn = false;

  /** @param probe a topic that nobody listens to, unless they listen to everything */
  constructor(probe: string) {
    this.#probe = { topic: probe, payload: "{}", retain: false };
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(make: MakeEvent, now: Duration): void {
    this.#waiting = [...this.#waiting, { make, at: now }].slice(-MOST_WAITING);
  }

  /** A connection to the broker begins: it may be the broker that was away, and Home Assistant may have lost it too. */
  begin(now: Duration): void {
    this.#presence = "unknown";
    this.#isBorn = false;
    this.#waiting = this.#waiting.filter(({ tried, at }) => isUnheard(tried) || now - at <= LOST_WITH_IT);
    for (const one of this.#waiting) if (isUnheard(one.tried)) delete one.tried;
  }

  born(): void {
    this.#presence = "online";
    this.#isBorn = true;
  }

  /** A Home Assistant ends. Where nobody knew whether it was there, it was there all along. */
  gone(): void {
    if (this.#presence === "unknown") this.#waiting = this.#waiting.filter(({ tried }) => isUnheard(tried));
    this.#presence = "offline";
  }

  /** Publishes what may be published now, in order. @throws as `LinkSession.publish`; what was not published stays */
  async flush(session: LinkSession, now: Duration, signal: AbortSignal): Promise<void> {
    this.#waiting = this.#waiting.filter(({ at }) => now - at <= TOO_OLD);
    // What was missed goes before what is new.
    const isNews = this.#waiting.some(({ tried }) => tried === undefined);
    const due = this.#waiting.filter(({ tried }) => this.#isBorn || (isUnheard(tried) && (isNews || now - (tried?.at ?? now) >= AGAIN)));
    if (due.length > 0) {
      const tells = (await session.publish(this.#probe, signal)) === "unheard";
      for (const one of due) await this.#publish(one, tells, session, now, signal);
    }
    this.#isBorn = false;
  }

  async #publish(one: Waiting, tells: boolean, session: LinkSession, now: Duration, signal: AbortSignal): Promise<void> {
    const before = one.tried?.heard === "no" ? undefined : one.tried?.heard;
    const outcome = await session.publish(one.make(before), signal);
    const heard = outcome === "unheard" ? "no" : tells ? "heard" : "perhaps";
    const isOver = before !== undefined || (heard === "heard" ? this.#presence !== "offline" : this.#presence === "online");
    if (isOver && heard !== "no") this.#waiting = this.#waiting.filter((other) => other !== one);
    else one.tried = { at: now, heard };
  }
}

function isUnheard(tried: Waiting["tried"]): boolean {
  return tried === undefined || tried.heard === "no";
}
