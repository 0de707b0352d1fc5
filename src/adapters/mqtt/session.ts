import type { MqttClient } from "mqtt";
import { codeOf } from "../../domain/thrown.ts";
import { type Publication, type Published, PublisherError, type Session } from "../../ports/publisher.ts";
import { goodbyeWords } from "./refusals.ts";

/**
 * A broker that drops what is too long for it may say nothing at all (Mosquitto's `message_size_limit`). Longer than the keepalive takes to find a dead
 * connection: whoever gives a sign of life and no acknowledgement does not want the message.
 */
const ACKNOWLEDGED_WITHIN_MILLISECONDS = 60_000;
/** A broker may allow fewer (MQTT 5's Receive Maximum; Mosquitto 20), and the library does not count them. */
const MOST_IN_FLIGHT = 16;
const GOODBYE_MILLISECONDS = 2000;
/** PUBACK: no matching subscribers (MQTT 5 §3.4.2.1). */
const NOBODY_LISTENS = 0x10;

/** A connected client as a session. */
export function createSession(client: MqttClient, place: string, refusedFilters: readonly string[]): Session {
  const isNew = client.options.protocolVersion === 5;
  const most = Math.min(MOST_IN_FLIGHT, client.serverProperties?.receiveMaximum ?? MOST_IN_FLIGHT);
  const longest = client.serverProperties?.maximumPacketSize ?? Infinity;
  const ended = Promise.withResolvers<string>();
  const turns = createTurns(most);
  /** Messages that are on their way, of which the broker said that nobody listens. */
  const unheard = new Set<number>();
  let isOver = false;
  let why: string | undefined;
  /** Rejects each publication that waits. What hung on `ended` instead would be kept as long as the connection stands, payload and all. */
  const waiting = new Set<(error: PublisherError) => void>();
  const over = (): void => {
    isOver = true;
    for (const reject of waiting) reject(gone());
    ended.resolve(why ?? "the connection was closed");
  };
  const gone = (): PublisherError => new PublisherError("BrokerUnreachable", `the connection to ${place} ended`);
  client.on("disconnect", ({ reasonCode }) => (why ??= goodbyeWords(reasonCode ?? 0)));
  client.on("error", (error) => (why ??= reasonOf(error)));
  client.on("close", over);
  // The library tells of no reason but a refusal.
  client.on("packetreceive", (packet) => {
    if (packet.cmd === "puback" && packet.reasonCode === NOBODY_LISTENS && packet.messageId !== undefined) unheard.add(packet.messageId);
  });
  if (!client.connected) over();

  const send = async ({ topic, payload, retain }: Publication): Promise<Published> => {
    if (isOver) throw gone();
    const bytes = Buffer.from(payload);
    if (bytes.length + Buffer.byteLength(topic) + 32 > longest) return "denied";
    let isLate = false;
    const acknowledged = client.publishAsync(topic, bytes, { qos: 1, retain });
    const id = client.getLastMessageId();
    const timer = setTimeout(() => {
      isLate = true;
      client.removeOutgoingMessage(id);
    }, ACKNOWLEDGED_WITHIN_MILLISECONDS);
    try {
      await acknowledged;
      return unheard.has(id) ? "unheard" : "accepted";
    } catch (error) {
      if (isLate && !isOver) return "denied";
      const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
      // Whatever the code of the PUBACK is (MQTT 5 §3.4.2.1), this message is not taken, and the next one may be.
      if (typeof code === "number") return "denied";
      if (isOver || client.disconnecting) throw new PublisherError("BrokerUnreachable", gone().message, { cause: error });
      throw new PublisherError("BrokerRefuses", `${place} does not take what is published to ${topic}`, { cause: error });
    } finally {
      clearTimeout(timer);
      unheard.delete(id);
    }
  };

  return {
    tellsDenials: isNew,
    refusedFilters,
    ended: ended.promise,
    async publish(publication, signal) {
      signal.throwIfAborted();
      const stopped = Promise.withResolvers<never>();
      const abort = (): void => stopped.reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      waiting.add(stopped.reject);
      try {
        return await Promise.race([turns(() => send(publication)), stopped.promise]);
      } finally {
        waiting.delete(stopped.reject);
        signal.removeEventListener("abort", abort);
      }
    },
    async close() {
      if (isOver) return;
      why ??= "it was closed here";
      const timer = setTimeout(() => client.end(true), GOODBYE_MILLISECONDS);
      client.end();
      await ended.promise;
      clearTimeout(timer);
    },
  };
}

/** Lets so many pieces of work run at a time, in the order in which they came. */
function createTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

function reasonOf(error: Error): string {
  if (/keepalive/i.test(error.message)) return "the broker gave no sign of life";
  const code = codeOf(error);
  return code === undefined ? "the connection broke" : `the connection broke (${code})`;
}
