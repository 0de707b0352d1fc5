import type { MqttClient } from "mqtt";
import { type Publication, type Published, PublisherError, type Session } from "../../ports/publisher.ts";
import { goodbyeWords } from "./refusals.ts";

/** Not authorised, quota exceeded: codes of a PUBACK that mean "not you, not there" (MQTT 5 §3.4.2.1). */
const DENIED = new Set([135, 151]);
/** A broker may allow fewer (MQTT 5's Receive Maximum; Mosquitto 20), and the library does not count them. */
const MOST_IN_FLIGHT = 16;
const GOODBYE_MILLISECONDS = 2000;

/** A connected client as a session. */
export function createSession(client: MqttClient, place: string, refusedFilters: readonly string[]): Session {
  const isNew = client.options.protocolVersion === 5;
  const most = Math.min(MOST_IN_FLIGHT, client.serverProperties?.receiveMaximum ?? MOST_IN_FLIGHT);
  const longest = client.serverProperties?.maximumPacketSize ?? Infinity;
  const ended = Promise.withResolvers<string>();
  const turns = createTurns(most);
  let isOver = false;
  let why: string | undefined;
  const over = (): void => {
    isOver = true;
    ended.resolve(why ?? "the connection was closed");
  };
  client.on("disconnect", ({ reasonCode }) => (why ??= goodbyeWords(reasonCode ?? 0)));
  client.on("error", (error) => (why ??= reasonOf(error)));
  client.on("close", over);
  if (!client.connected) over();
  const gone = (): PublisherError => new PublisherError("BrokerUnreachable", `the connection to ${place} ended`);

  const send = async ({ topic, payload, retain }: Publication): Promise<Published> => {
    if (isOver) throw gone();
    if (payload.length + topic.length + 32 > longest) return "denied";
    try {
      await client.publishAsync(topic, typeof payload === "string" ? payload : Buffer.from(payload), { qos: 1, retain });
      return "accepted";
    } catch (error) {
      const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
      if (typeof code === "number" && DENIED.has(code)) return "denied";
      if (isOver || client.disconnecting) throw new PublisherError("BrokerUnreachable", gone().message, { cause: error });
      throw new PublisherError("BrokerRefuses", `${place} does not take what is published to ${topic}`, { cause: error });
    }
  };

  return {
    tellsDenials: isNew,
    refusedFilters,
    ended: ended.promise,
    async publish(publication, signal) {
      signal.throwIfAborted();
      const lost = ended.promise.then(() => {
        throw gone();
      });
      const aborted = Promise.withResolvers<never>();
      const abort = (): void => aborted.reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      try {
        return await Promise.race([turns(() => send(publication)), lost, aborted.promise]);
      } finally {
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
  const code: unknown = "code" in error ? error.code : undefined;
  return typeof code === "string" ? `the connection broke (${code})` : "the connection broke";
}
