import { EXPIRES_AFTER_SECONDS } from "../../domain/entities/entity.ts";
import { isCovered } from "../../domain/mqtt-topics.ts";
import { type Duration, minutes, seconds } from "../../domain/duration.ts";
import { asError } from "../../domain/thrown.ts";
import type { Clock, Random } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { type Incoming, type Publication, type Published, type Publisher, PublisherError, type Session } from "../../ports/publisher.ts";
import type { Status } from "../../ports/status.ts";
import { backoffDelay, type BackoffPolicy } from "../../runtime/backoff.ts";
import { unlessAborted } from "../../runtime/unless-aborted.ts";
import { Denials } from "./denials.ts";

/** What a client of the link publishes through. */
export interface LinkSession {
  /**
   * Publishes, and resolves once the broker has acknowledged it. `denied` was said already and needs no care: try it again in the next session.
   * @throws PublisherError where the connection ended; the signal's reason when aborted
   */
  publish(publication: Publication, signal: AbortSignal): Promise<Published>;
}

/** A part of the program that speaks MQTT. */
export interface LinkClient {
  /** Topic filters of what it wants to hear. */
  readonly subscriptions: readonly string[];
  /** Those of them that a broker may refuse: nobody needs to know. */
  readonly mayBeRefused?: readonly string[];
  /** A message that one of its filters covers. Must not throw and must not wait. */
  onMessage(message: Incoming): void;
  /**
   * A connection stands, its filters are subscribed: publish what is wanted, everything anew, and go on as long as there is something to publish.
   * @param signal aborts when the connection ends; what is thrown after that is no failure
   */
  onSession(session: LinkSession, signal: AbortSignal): Promise<void>;
}

export interface BrokerLinkParts {
  readonly publisher: Publisher;
  readonly clients: readonly LinkClient[];
  /** Topic that says whether we are there: `online`, and `offline` as the will. */
  readonly statusTopic: string;
  /** Topics that nobody listens to at which it is tried whether we may publish, besides the status. */
  readonly probes: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly log: Log;
}

export interface BrokerLink {
  /** Keeps the connection up until the signal aborts, and says goodbye then. */
  run(signal: AbortSignal): Promise<void>;
}

/** The condition's subject. */
const SUBJECT = "mqtt";
const OPEN_WITHIN = seconds(15);
const ECHO_WITHIN = seconds(5);
const GOODBYE_WITHIN = seconds(2);
/** Twice before it expires. */
const STILL_THERE_EVERY = seconds(EXPIRES_AFTER_SECONDS / 3);
/** After so long a session counts as one that stood, and the next failure is the first again. */
const STOOD = seconds(30);
const AWAY: BackoffPolicy = { initial: seconds(1), factor: 2, max: minutes(1), jitter: 0.25 };
/** A broker may lock out who is refused too often. */
const REFUSED: BackoffPolicy = { initial: seconds(5), factor: 3, max: minutes(5), jitter: 0.25 };

/** Keeps one connection to the broker, and serves every client through it. What goes wrong is one condition, said once. */
export function createBrokerLink(parts: BrokerLinkParts): BrokerLink {
  const { publisher, clients, statusTopic, probes, clock, random, status, log } = parts;
  const note = (what: Publication["payload"]): Publication => ({ topic: statusTopic, payload: what, retain: true });
  const subscriptions = [...new Set([statusTopic, ...probes, ...clients.flatMap((client) => client.subscriptions)])];

  const mayBeRefused = new Set(clients.flatMap((client) => client.mayBeRefused ?? []));

  const one = async (signal: AbortSignal): Promise<string> => {
    const stop = new AbortController();
    const whole = AbortSignal.any([signal, stop.signal]);
    const denials = new Denials({ awaited: [statusTopic, ...probes], clock, echoWithin: ECHO_WITHIN });
    let onOtherGoodbye = (): void => undefined;
    const onMessage = (message: Incoming): void => {
      denials.heard(message);
      // Ours comes when the session is over, and our will when we are gone.
      if (message.topic === statusTopic && !message.retained && new TextDecoder().decode(message.payload) === "offline") onOtherGoodbye();
      for (const client of clients) {
        if (!client.subscriptions.some((filter) => isCovered(message.topic, filter))) continue;
        try {
          client.onMessage(message);
        } catch (error) {
          log.error("a message could not be taken", { topic: message.topic, error: asError(error) });
        }
      }
    };
    let isTold = false;
    const onTooLong = (bytes: number): void => {
      if (!isTold) log.warn("a message that is too long was dropped, and so are further ones", { bytes });
      isTold = true;
    };
    const opened = new AbortController();
    const deadline = clock.deadline("open mqtt", OPEN_WITHIN, AbortSignal.any([signal, opened.signal]));
    const wish = { will: note("offline"), subscriptions, onMessage, onTooLong };
    const session = await publisher.open(wish, deadline).catch((error: unknown) => {
      signal.throwIfAborted();
      if (!deadline.aborted) throw error;
      throw new PublisherError("BrokerUnreachable", `${publisher.place} gave no answer within 15 s`, { cause: error });
    });
    opened.abort();
    let isShared = false;
    const show = (): void => {
      const words = denials.words(session.refusedFilters.filter((filter) => !mayBeRefused.has(filter)));
      const shared = `another copy of the program says goodbye at ${publisher.place} under ${statusTopic}, as this one would`;
      if (words === undefined && isShared) status.set(SUBJECT, "problem", "BaseShared", shared);
      else if (words === undefined) status.set(SUBJECT, "ok", "Healthy", `connected to ${publisher.place}`);
      else status.set(SUBJECT, "problem", "BrokerDenies", `${publisher.place} ${words}`);
    };
    const through: LinkSession = {
      async publish(publication, by) {
        const outcome = await session.publish(publication, by);
        if (outcome === "denied" && denials.add(publication.topic)) show();
        return outcome;
      },
    };
    onOtherGoodbye = (): void => {
      if (whole.aborted) return;
      isShared = true;
      show();
      // What the end of the connection prevents, the next one makes up for.
      session.publish(note("online"), whole).catch(() => undefined);
    };
    try {
      await session.publish(note("online"), whole).then((outcome) => outcome === "denied" && denials.add(statusTopic));
      log.info("mqtt connected", { place: publisher.place });
      const works = clients.map((client) => client.onSession(through, whole));
      works.push(denials.look(probes, session, whole).then(show));
      works.push(stayPresent(session, note("online"), clock, whole));
      // A client that has nothing more to publish leaves the connection to the others.
      return await unlessAborted(Promise.race([session.ended, failureOf(works, whole)]), signal);
    } finally {
      stop.abort(new PublisherError("BrokerUnreachable", "the connection ended"));
      await farewell(session, note("offline"), clock);
    }
  };

  return {
    async run(signal) {
      for (let attempt = 1; !signal.aborted; attempt += 1) {
        const began = clock.monotonic();
        let pause: Duration;
        try {
          const why = await one(signal);
          if (clock.monotonic() - began >= STOOD) attempt = 1;
          log.info("mqtt connection ended", { place: publisher.place, why });
          if (attempt > 1) status.set(SUBJECT, "problem", "BrokerUnreachable", `the connection to ${publisher.place} ended: ${why}`);
          pause = backoffDelay(AWAY, attempt, random);
        } catch (error) {
          if (signal.aborted) return;
          const known = error instanceof PublisherError;
          const reason = known ? error.reason : "InternalError";
          if (!known) log.error("mqtt failed", { error: asError(error) });
          const isAway = reason === "BrokerUnreachable" || reason === "BrokerAbsent";
          if (reason === "BrokerAbsent") status.set(SUBJECT, "ok", reason, asError(error).message);
          // A broker that restarts is back with the second try: nobody needs to know.
          else if (!isAway || attempt > 1) status.set(SUBJECT, "problem", reason, asError(error).message);
          pause = backoffDelay(isAway ? AWAY : REFUSED, attempt, random);
        }
        await clock.wait("mqtt again", pause, signal).catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
      }
    },
  };
}

/** Rejects with the first failure of a client while the connection stands; never resolves. */
function failureOf(works: readonly Promise<void>[], signal: AbortSignal): Promise<never> {
  const failed = Promise.withResolvers<never>();
  for (const work of works) {
    work.catch((error: unknown) => {
      // The end of the connection has its own, better words. Any other failure would leave this client silent as long as the connection stands.
      const isEnd = error instanceof PublisherError && error.reason === "BrokerUnreachable";
      if (!signal.aborted && !isEnd) failed.reject(asError(error));
    });
  }
  return failed.promise;
}

/** Says again that we are there, before it expires for those who look. Never resolves. @throws PublisherError; the signal's reason when aborted */
async function stayPresent(session: Session, online: Publication, clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    await clock.wait("mqtt presence", STILL_THERE_EVERY, signal);
    await session.publish(online, signal);
  }
}

/** Tells those who look that we are gone on purpose: a broker publishes no will after a goodbye. */
async function farewell(session: Session, offline: Publication, clock: Clock): Promise<void> {
  const said = new AbortController();
  const over = clock.deadline("mqtt goodbye", GOODBYE_WITHIN, said.signal);
  await Promise.race([session.publish(offline, over), session.ended]).catch(() => undefined);
  said.abort();
  await session.close();
}
