import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, rootCertificates } from "node:tls";
import { type IClientOptions, MqttClient } from "mqtt";
import { streamBuilder as openWebSocket } from "mqtt/lib/connect/ws";
import { type BrokerAddress, type Publisher, PublisherError, type Session, type SessionWish } from "../../ports/publisher.ts";
import { filteredSocket } from "./filtered-socket.ts";
import { LONGEST_PAYLOAD } from "./oversize.ts";
import { type Failure, isOfVersion, mayBeOfVersion, refusalOf } from "./refusals.ts";
import { createSession } from "./session.ts";

export interface MqttPublisherParts {
  /** Where the broker is and who we are there: asked anew for each connection. @throws PublisherError where that is not known now */
  readonly address: (signal: AbortSignal) => Promise<BrokerAddress>;
  /** Two clients of the same name drive one another out: one a broker and installation. */
  readonly clientId: string;
}

/** Seconds without a packet after which the broker is asked for a sign of life. */
const KEEPALIVE_SECONDS = 30;
/** A frame of a WebSocket may hold several packets. */
const LONGEST_FRAME = 1024 * 1024;

type Version = 4 | 5;

/** A broker of MQTT 5, or of 3.1.1 where it wants that (protocol level 4). */
export class MqttPublisher implements Publisher {
  readonly #parts: MqttPublisherParts;
  #place = "the MQTT broker";
  /** The one that it took last. */
  #version: Version = 5;

  constructor(parts: MqttPublisherParts) {
    this.#parts = parts;
  }

  get place(): string {
    return this.#place;
  }

  async open(wish: SessionWish, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    const address = await this.#parts.address(signal);
    this.#place = placeOf(address.url);
    const first = await this.#try(address, this.#version, wish, signal);
    if (!("error" in first)) return first;
    const other: Version = this.#version === 5 ? 4 : 5;
    const second = mayBeOfVersion(first) ? await this.#try(address, other, wish, signal) : first;
    if ("error" in second) throw refusalOf(isOfVersion(second) ? first : second);
    this.#version = other;
    return second;
  }

  async #try(address: BrokerAddress, version: Version, wish: SessionWish, signal: AbortSignal): Promise<Session | Failure> {
    const client = clientOf(address, optionsOf(address, version, this.#parts.clientId, wish), wish.onTooLong);
    const place = this.#place;
    client.on("message", (topic, payload, { retain }) => {
      if (payload.length > LONGEST_PAYLOAD) wish.onTooLong(payload.length);
      else wish.onMessage({ topic, payload, retained: retain });
    });
    // Without a listener an error would end the process.
    client.on("error", () => undefined);
    try {
      const failure = await connected(client, place, signal);
      if (failure !== undefined) {
        client.end(true);
        return failure;
      }
      return createSession(client, place, await subscribed(client, place, wish.subscriptions, signal));
    } catch (error) {
      client.end(true);
      throw error;
    }
  }
}

function optionsOf({ username, password }: BrokerAddress, version: Version, clientId: string, wish: SessionWish): IClientOptions {
  return {
    protocolId: "MQTT",
    protocolVersion: version,
    clientId,
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    // Our own loop keeps the connection up: it has a backoff, and reads the password anew.
    reconnectPeriod: 0,
    resubscribe: false,
    connectTimeout: 15_000,
    timerVariant: "native",
    // What it writes for those who debug it holds the password.
    log: () => undefined,
    ...(wish.will === undefined ? {} : { will: { ...wish.will, payload: Buffer.from(wish.will.payload), qos: 1 } }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
  };
}

function clientOf({ url, authorities }: BrokerAddress, options: IClientOptions, onTooLong: (bytes: number) => void): MqttClient {
  const { protocol, hostname, port, pathname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const trusted = authorities === undefined ? {} : { ca: [...rootCertificates, authorities] };
  const at = (usual: number): number => Number(port === "" ? usual : port);
  const isWeb = protocol === "ws:" || protocol === "wss:";
  const open = (client: MqttClient): Duplex => {
    if (protocol === "mqtts:") return connectTls({ host, port: at(8883), servername: isName(host) ? host : "", ...trusted });
    if (protocol !== "ws:" && protocol !== "wss:") return connectTcp({ host, port: at(1883) });
    const web = protocol === "ws:" ? ("ws" as const) : ("wss" as const);
    const path = pathname === "" ? "/" : pathname;
    const wsOptions = { maxPayload: LONGEST_FRAME, ...trusted };
    return openWebSocket(client, { protocol: web, hostname, port: at(web === "ws" ? 80 : 443), path, wsOptions, ...trusted });
  };
  // A frame is read whole before it is looked at: over MQTT 5 the broker is asked to send none that is longer.
  const properties = isWeb && options.protocolVersion === 5 ? { properties: { maximumPacketSize: LONGEST_FRAME } } : {};
  return new MqttClient((client) => filteredSocket(open(client), onTooLong), { ...options, ...properties });
}

/** A server name is sent for names alone (RFC 6066 §3). */
function isName(host: string): boolean {
  return !/^[\d.]+$/.test(host) && !host.includes(":");
}

/** Resolves to a failure, or to undefined once the broker has let us in. @throws the signal's reason when aborted */
async function connected(client: MqttClient, place: string, signal: AbortSignal): Promise<Failure | undefined> {
  signal.throwIfAborted();
  const outcome = Promise.withResolvers<Failure | undefined>();
  let error: Failure["error"];
  const abort = (): void => outcome.reject(signal.reason);
  client.on("connect", () => outcome.resolve(undefined));
  client.on("error", (failed) => {
    error ??= failed;
    outcome.resolve({ place, error });
  });
  client.on("close", () => outcome.resolve({ place, error }));
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await outcome.promise;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Subscribes to everything at once. @returns the filters that were refused @throws PublisherError; the signal's reason when aborted */
async function subscribed(client: MqttClient, place: string, filters: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
  signal.throwIfAborted();
  if (filters.length === 0) return [];
  const outcome = Promise.withResolvers<readonly string[]>();
  const lost = (): void => outcome.reject(new PublisherError("BrokerUnreachable", `${place} closed the connection`));
  const abort = (): void => outcome.reject(signal.reason);
  client.subscribe([...filters], { qos: 0 }, (_error, _granted, packet) => {
    if (packet === undefined) lost();
    else outcome.resolve(filters.filter((_filter, index) => Number(packet.granted[index] ?? 0x80) >= 0x80));
  });
  client.on("close", lost);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await outcome.promise;
  } finally {
    client.off("close", lost);
    signal.removeEventListener("abort", abort);
  }
}

function placeOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
