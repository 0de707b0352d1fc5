import { seconds } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Publisher } from "../../ports/publisher.ts";
import { isCovered } from "../../domain/mqtt-topics.ts";
import type { LinkClient } from "./broker-link.ts";
import { Denials } from "./denials.ts";

/** What a broker lets us do. */
export interface BrokerTrial {
  /** Its address without credentials. */
  readonly place: string;
  /** What it denies, as the end of a sentence that begins with its address. */
  readonly denied?: string;
}

export interface TryBrokerParts {
  readonly publisher: Publisher;
  /** Topics that nobody listens to, at which it is tried. */
  readonly topics: readonly string[];
  /** Who wants to hear what is kept there meanwhile. */
  readonly listeners: readonly Pick<LinkClient, "subscriptions" | "onMessage">[];
  readonly clock: Clock;
}

/** Short enough for a `check`. */
const ECHO_WITHIN = seconds(2);

/** Connects, publishes and listens once; leaves nothing behind. @throws PublisherError where there is no connection; the signal's reason when aborted */
export async function tryBroker({ publisher, topics, listeners, clock }: TryBrokerParts, signal: AbortSignal): Promise<BrokerTrial> {
  const denials = new Denials({ awaited: topics, clock, echoWithin: ECHO_WITHIN });
  const [topic = ""] = topics;
  const session = await publisher.open(
    {
      will: { topic, payload: "gone", retain: false },
      subscriptions: [...new Set([...topics, ...listeners.flatMap(({ subscriptions }) => subscriptions)])],
      onMessage: (message) => {
        denials.heard(message);
        for (const one of listeners) if (one.subscriptions.some((filter) => isCovered(message.topic, filter))) one.onMessage(message);
      },
      onTooLong: () => undefined,
    },
    signal,
  );
  try {
    await denials.look(topics, session, signal);
    const denied = denials.words(session.refusedFilters);
    return { place: publisher.place, ...(denied === undefined ? {} : { denied }) };
  } finally {
    await session.close();
  }
}
