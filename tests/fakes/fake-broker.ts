import { isCovered } from "../../src/domain/mqtt-topics.ts";
import {
  type Incoming,
  type Publication,
  type Published,
  type Publisher,
  PublisherError,
  type Session,
  type SessionWish,
} from "../../src/ports/publisher.ts";

interface Connected {
  readonly wish: SessionWish;
  readonly isOurs: boolean;
  readonly end: (why: string, isGoodbye: boolean) => void;
}

/** A message broker in memory. What is published arrives a moment later, as it would over a socket. */
export class FakeBroker {
  readonly place = "mqtt://broker.lan:1883";
  /** Everything that was accepted from anybody, in order. */
  readonly log: Publication[] = [];
  readonly retained = new Map<string, Publication>();
  /** Whether it answers at all. */
  isAway = false;
  /** Whether there is none, where somebody else knows the broker. */
  isAbsent = false;
  /** A broker of MQTT 3.1.1 has no way to tell that a topic is denied. */
  tellsDenials = true;
  /** Whether the password of `publisher()` is the right one. */
  acceptsLogin = true;
  /** Topics that nobody may publish to. */
  deniesPublish: (topic: string) => boolean = () => false;
  /** Whether it says that nobody listens. */
  tellsUnheard = true;
  /** What Home Assistant, and others who are not connected here, listen to. */
  listens: (topic: string) => boolean = () => false;
  /** Topics of which nobody is told. */
  deniesRead: (topic: string) => boolean = () => false;
  refusesFilter: (filter: string) => boolean = () => false;
  /** How often somebody tried to connect. */
  attempts = 0;
  readonly #connected = new Set<Connected>();

  /** @param isOurs whether it is the program's own, whom `drop` concerns */
  publisher(isLoginRight = true, isOurs = true): Publisher {
    return { place: this.place, open: (wish, signal) => this.#open(wish, isLoginRight, isOurs, signal) };
  }

  get connections(): number {
    return this.#connected.size;
  }

  /** What somebody else publishes. */
  say(topic: string, payload: string, retain = false): void {
    this.#take({ topic, payload, retain });
  }

  /** The payloads that were published to a topic, in order. */
  said(topic: string): readonly string[] {
    return this.log.filter((one) => one.topic === topic).map(({ payload }) => textOf(payload));
  }

  kept(topic: string): string | undefined {
    const publication = this.retained.get(topic);
    return publication === undefined ? undefined : textOf(publication.payload);
  }

  /** Our connections are lost; wills are published. */
  drop(why = "the connection was reset"): void {
    for (const one of this.#connected) if (one.isOurs) one.end(why, false);
  }

  async #open(wish: SessionWish, isLoginRight: boolean, isOurs: boolean, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    this.attempts += 1;
    await Promise.resolve();
    signal.throwIfAborted();
    if (this.isAbsent) throw new PublisherError("BrokerAbsent", "nobody offers a broker");
    if (this.isAway) throw new PublisherError("BrokerUnreachable", `${this.place} refuses the connection (ECONNREFUSED)`);
    if (!this.acceptsLogin || !isLoginRight)
      throw new PublisherError("BrokerRefusesLogin", `${this.place} refuses the user name or password`);
    const ended = Promise.withResolvers<string>();
    const connected: Connected = {
      wish,
      isOurs,
      end: (why, isGoodbye) => {
        if (!this.#connected.delete(connected)) return;
        ended.resolve(why);
        if (!isGoodbye && wish.will !== undefined) this.#take(wish.will);
      },
    };
    this.#connected.add(connected);
    for (const publication of this.retained.values()) if (this.#isHeard(wish, publication.topic)) deliver(wish, publication, true);
    return {
      tellsDenials: this.tellsDenials,
      refusedFilters: wish.subscriptions.filter((filter) => this.refusesFilter(filter)),
      ended: ended.promise,
      publish: (publication, by) => this.#publish(connected, publication, by),
      close: () => {
        connected.end("closed", true);
        return Promise.resolve();
      },
    };
  }

  async #publish(connected: Connected, publication: Publication, signal: AbortSignal): Promise<Published> {
    signal.throwIfAborted();
    await Promise.resolve();
    signal.throwIfAborted();
    if (!this.#connected.has(connected)) throw new PublisherError("BrokerUnreachable", `the connection to ${this.place} ended`);
    if (this.deniesPublish(publication.topic)) return this.tellsDenials ? "denied" : "accepted";
    this.#take(publication);
    const isHeard = [...this.#connected].some(({ wish }) => this.#isHeard(wish, publication.topic)) || this.listens(publication.topic);
    return isHeard || !this.tellsDenials || !this.tellsUnheard ? "accepted" : "unheard";
  }

  #take(publication: Publication): void {
    this.log.push(publication);
    if (publication.retain && textOf(publication.payload) === "") this.retained.delete(publication.topic);
    else if (publication.retain) this.retained.set(publication.topic, publication);
    for (const { wish } of this.#connected) if (this.#isHeard(wish, publication.topic)) deliver(wish, publication, false);
  }

  #isHeard({ subscriptions }: SessionWish, topic: string): boolean {
    return !this.deniesRead(topic) && subscriptions.some((filter) => !this.refusesFilter(filter) && isCovered(topic, filter));
  }
}

function deliver(wish: SessionWish, { topic, payload }: Publication, retained: boolean): void {
  const message: Incoming = { topic, payload: Buffer.from(payload), retained };
  const bytes = message.payload.length;
  queueMicrotask(() => (bytes <= 64 * 1024 ? wish.onMessage(message) : wish.onTooLong(bytes)));
}

function textOf(payload: Publication["payload"]): string {
  return Buffer.from(payload).toString();
}
