import type { OptionFiles } from "../config/option-files.ts";
import type { Options } from "../config/options.ts";
import { probeTopic } from "../domain/mqtt-topics.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { type BrokerAddress, type Publisher, PublisherError } from "../ports/publisher.ts";
import { entityClients, type EntitiesParts } from "./mqtt-entities.ts";
import type { LinkClient } from "../reconcilers/mqtt/broker-link.ts";
import { FollowedBindings } from "../reconcilers/mqtt/followed-bindings.ts";
import type { BrokerTrial } from "../reconcilers/mqtt/try-broker.ts";

/** Finds out where the broker is and who we are there, each time anew. @throws PublisherError where that is not known now */
type FindBroker = (signal: AbortSignal) => Promise<BrokerAddress>;

interface BrokerSettings {
  readonly options: Options["mqtt"];
  readonly files: OptionFiles;
  /** Names this installation among several at one broker. */
  readonly installation: string;
  /** Who knows the broker where the options name none. */
  readonly findBroker?: FindBroker;
  readonly clock: Clock;
}

export interface MqttParts extends BrokerSettings, Omit<EntitiesParts, "announced"> {
  /** What other copies tell, where it is listened to. */
  readonly followed: readonly FollowedBindings[];
  readonly log: Log;
}

/** What other copies of the program tell by MQTT, as a way of noticing; none where none is to be followed, or there can be no broker. */
export function followedBindings({ options, findBroker, installation, clock }: BrokerSettings): readonly FollowedBindings[] {
  if (options.follow.length === 0 || options.url === "none" || (options.url === undefined && findBroker === undefined)) return [];
  return [new FollowedBindings({ bases: options.follow, origin: installation, clock })];
}

/**
 * Puts together what speaks through the broker, where there is one; what it gives keeps the connection up until its signal aborts. The library, some
 * MB of memory, is loaded here and only where a broker is wanted.
 */
export async function prepareMqtt(parts: MqttParts): Promise<(signal: AbortSignal) => Promise<void>> {
  const { engine, followed, installation, watched } = parts;
  const { base, discovery_prefix: prefix } = parts.options;
  const publisher = await brokerOf(parts, "run");
  if (publisher === undefined) return () => Promise.resolve();
  const { Announced } = await import("../reconcilers/mqtt/announced.ts");
  for (const one of followed) one.expect();
  const { createBrokerLink } = await import("../reconcilers/mqtt/broker-link.ts");
  const { Commands } = await import("../reconcilers/mqtt/commands.ts");
  const { ToldBindings } = await import("../reconcilers/mqtt/told-bindings.ts");
  const commands = new Commands({ ...parts, base, actions: engine.actions, devices: () => engine.fleet.devices });
  const announced = new Announced(parts.registry.consents);
  const told = new ToldBindings({ ...parts, announced, base, origin: installation, fleet: engine.fleet });
  watched.add(told);
  const clients: readonly LinkClient[] = [commands, ...(await entityClients({ ...parts, announced })), told, ...followed];
  const probes = [probeTopic(prefix, base)];
  const link = createBrokerLink({ ...parts, publisher, clients, statusTopic: `${base}/status`, probes });
  return async (signal) => {
    await Promise.all([link.run(signal), commands.run(signal)]);
  };
}

/** Takes for a single sync what other copies of the program tell, where some are followed. @throws the signal's reason when aborted */
export async function hearOnce(parts: BrokerSettings & Pick<MqttParts, "followed" | "log" | "status">, signal: AbortSignal): Promise<void> {
  const publisher = parts.followed.length === 0 ? undefined : await brokerOf(parts, "sync");
  if (publisher === undefined) return;
  const { hearBindings } = await import("./mqtt-once.ts");
  await hearBindings({ ...parts, publisher }, signal);
}

/** What a broker lets us do, tried once; undefined where no broker is wanted. @throws PublisherError; the signal's reason when aborted */
export async function tryMqtt(
  settings: BrokerSettings & Pick<MqttParts, "followed">,
  signal: AbortSignal,
): Promise<BrokerTrial | undefined> {
  const { base, discovery_prefix: prefix } = settings.options;
  const publisher = await brokerOf(settings, "check");
  if (publisher === undefined) return undefined;
  const { tryBroker } = await import("../reconcilers/mqtt/try-broker.ts");
  return tryBroker(
    { publisher, topics: [`${base}/bridge/check`, probeTopic(prefix, base)], listeners: settings.followed, clock: settings.clock },
    signal,
  );
}

/**
 * The broker that is wanted; undefined where none is.
 * @param purpose makes the client's name: of two of the same name a broker drives one out
 */
async function brokerOf(
  { options, files, installation, findBroker }: BrokerSettings,
  purpose: "run" | "check" | "sync",
): Promise<Publisher | undefined> {
  const { url } = options;
  const address = url === undefined ? findBroker : url === "none" ? undefined : addressOf(url, options, files);
  if (address === undefined) return undefined;
  const { MqttPublisher } = await import("../adapters/mqtt/mqtt-publisher.ts");
  // At most 23 signs: more a broker of MQTT 3.1.1 need not take (§3.1.3.1).
  return new MqttPublisher({ address, clientId: `${purpose}-shepherd-${installation.replaceAll("-", "").slice(0, 8)}` });
}

function addressOf(url: string, { username, password, ca }: Options["mqtt"], files: OptionFiles): FindBroker {
  return async (signal) => ({
    url,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { authorities: await authorities(ca, files, signal) }),
  });
}

async function authorities(path: string, files: OptionFiles, signal: AbortSignal): Promise<string> {
  const reading = await files.read(path, signal);
  if (reading.kind === "text") return reading.text;
  const why = reading.kind === "missing" ? "does not exist" : `cannot be read: ${reading.why}`;
  throw new PublisherError("BrokerUntrusted", `the file ${path}, named under mqtt.ca, ${why}`);
}
