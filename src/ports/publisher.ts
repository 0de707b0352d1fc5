/** One message as it is published, always at QoS 1. */
export interface Publication {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly retain: boolean;
}

/** One message that came in. */
export interface Incoming {
  readonly topic: string;
  /** At most 64 KiB: longer ones are dropped before they come here. */
  readonly payload: Uint8Array;
  /** The broker had kept it: it may be old. A command that was retained is never obeyed. */
  readonly retained: boolean;
}

/** What one connection is opened with. */
export interface SessionWish {
  /** Published by the broker when we are gone without a word. */
  readonly will: Publication;
  /** Topic filters that are subscribed to. */
  readonly subscriptions: readonly string[];
  /** Must not throw and must not wait. */
  readonly onMessage: (message: Incoming) => void;
}

/** One connection that stands. */
export interface Session {
  /**
   * Publishes, and resolves once the broker has acknowledged it.
   * @throws PublisherError where the connection ended first; the signal's reason when aborted
   */
  publish(publication: Publication, signal: AbortSignal): Promise<void>;
  /** Resolves, and never rejects, when the connection is gone. The reason is for a person and holds no secret. */
  readonly ended: Promise<string>;
  /** Says goodbye: the will is not published. */
  close(): Promise<void>;
}

/** A message broker. Whoever uses it keeps the connection up: an implementation makes one connection and no second one by itself. */
export interface Publisher {
  /** For a person: its address without credentials. */
  readonly place: string;
  /** @throws PublisherError where there is no connection; the signal's reason when aborted */
  open(wish: SessionWish, signal: AbortSignal): Promise<Session>;
}

export class PublisherError extends Error {
  override readonly name = "PublisherError";
  readonly reason: "BrokerUnreachable" | "BrokerRefusesLogin" | "BrokerRefused";
  constructor(reason: "BrokerUnreachable" | "BrokerRefusesLogin" | "BrokerRefused", message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
