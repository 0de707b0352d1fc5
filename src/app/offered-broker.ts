import { minutes } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";
import { type BrokerAddress, PublisherError } from "../ports/publisher.ts";
import type { Status } from "../ports/status.ts";
import { type Supervisor, SupervisorError } from "../ports/supervisor.ts";

/** An app that offers a broker may be installed at any time. The Supervisor does not log this question. */
const LOOK_EVERY = minutes(1);

export interface OfferedBrokerParts {
  readonly supervisor: Supervisor;
  readonly clock: Clock;
  readonly status: Status;
}

/** What `speak` gives, begun once an app of Home Assistant's offers a broker: until then nothing that speaks MQTT is loaded. */
export function onceOffered(
  { supervisor, clock, status }: OfferedBrokerParts,
  speak: () => Promise<(signal: AbortSignal) => Promise<void>>,
): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    try {
      for (;;) {
        const offer = await offered(supervisor, signal);
        if (offer === "some") break;
        if (offer === "none") status.set("mqtt", "ok", "BrokerAbsent", "no app of Home Assistant's offers an MQTT broker");
        await clock.wait("an offered broker", LOOK_EVERY, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    await (
      await speak()
    )(signal);
  };
}

/** Whether an app offers a broker. Nothing where the Supervisor does not tell: that has a condition of its own. */
export async function offered(supervisor: Supervisor, signal: AbortSignal): Promise<"some" | "none" | undefined> {
  try {
    return (await supervisor.broker(signal)) === undefined ? "none" : "some";
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SupervisorError)) throw error;
    return undefined;
  }
}

/**
 * The broker that an app offers and our login there, asked for anew for each connection: the password changes when that app is installed anew.
 * @throws PublisherError where it is not known now; the signal's reason when aborted
 */
export async function findOfferedBroker(supervisor: Supervisor, signal: AbortSignal): Promise<BrokerAddress> {
  try {
    const broker = await supervisor.broker(signal);
    // As before one was installed: a person took it away, and may install another.
    if (broker === undefined) throw new PublisherError("BrokerAbsent", "no app of Home Assistant's offers an MQTT broker");
    const { host, port, tls, username, password } = broker;
    return {
      url: `${tls ? "mqtts" : "mqtt"}://${host}:${String(port)}`,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SupervisorError)) throw error;
    throw new PublisherError("BrokerUnreachable", error.message, { cause: error });
  }
}
