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
  /** Published by the broker when we are gone without a word; nothing where absent. */
  readonly will?: Publication;
  /** Topic filters that are subscribed to, at QoS 0: what is not read at once is lost. */
  readonly subscriptions: readonly string[];
  /** Must not throw and must not wait. */
  readonly onMessage: (message: Incoming) => void;
  /** A message came that is too long, and was dropped unread. Must not throw. */
  readonly onTooLong: (bytes: number) => void;
}

/**
 * `unheard`: the broker took it and says that nobody listens there (MQTT 5 §3.4.2.1, 0x10); not every broker says so. `denied`: it says that this user may
 * not publish there, or nothing of that length. Where it has no way to say either (MQTT 3.1.1), the message counts as accepted.
 */
export type Published = "accepted" | "unheard" | "denied";

/** One connection that stands. */
export interface Session {
  /** Whether `publish` can tell that the user may not: only MQTT 5 can. */
  readonly tellsDenials: boolean;
  /** Filters that the broker refused to subscribe. */
  readonly refusedFilters: readonly string[];
  /**
   * Publishes, and resolves once the broker has acknowledged it.
   * @throws PublisherError where the connection ended first; the signal's reason when aborted
   */
  publish(publication: Publication, signal: AbortSignal): Promise<Published>;
  /** Resolves, and never rejects, when the connection is gone. The reason is for a person and holds no secret. */
  readonly ended: Promise<string>;
  /** Says goodbye: the will is not published. Resolves when the connection is closed, within two seconds. */
  close(): Promise<void>;
}

/** A message broker. Whoever uses it keeps the connection up: an implementation makes one connection and no second one by itself. */
export interface Publisher {
  /** For a person: its address without credentials, as far as it is known by now. */
  readonly place: string;
  /** Reads address and credentials anew each time. @throws PublisherError where there is no connection; the signal's reason when aborted */
  open(wish: SessionWish, signal: AbortSignal): Promise<Session>;
}

/** Where a broker is and who we are there. */
export interface BrokerAddress {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, without credentials. */
  readonly url: string;
  readonly username?: string;
  readonly password?: { reveal(): string };
  /** Certificates, as PEM, of the authorities that are trusted besides the usual ones. */
  readonly authorities?: string;
}

/** Why there is no connection; each is a reason of the program's table. */
export type PublisherReason = "BrokerAbsent" | "BrokerUnreachable" | "BrokerRefusesLogin" | "BrokerRefuses" | "BrokerUntrusted";

/** There is no connection to the broker, or no longer. The message is for a person, names the broker's address, and holds no secret. */
export class PublisherError extends Error {
  override readonly name = "PublisherError";
  readonly reason: PublisherReason;
  constructor(reason: PublisherReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
