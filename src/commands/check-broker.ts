import { reasonOf } from "../domain/reasons.ts";
import { PublisherError } from "../ports/publisher.ts";
import type { BrokerTrial } from "../reconcilers/mqtt/try-broker.ts";
import type { CheckProducer } from "./check.ts";

/** The message broker, where one is wanted: whether it answers, lets us in, and lets us publish and listen. */
export function checkBroker(attempt: (signal: AbortSignal) => Promise<BrokerTrial | undefined>): CheckProducer {
  const part = "MQTT broker";
  return {
    part,
    gather: async (signal) => {
      try {
        const trial = await attempt(signal);
        if (trial === undefined) return [];
        const { place, denied } = trial;
        if (denied === undefined) return [{ part, state: "ok", found: `${place}: lets us in, publish and listen` }];
        return [{ part, state: "act", found: `${place} ${denied}`, nextStep: reasonOf("BrokerDenies").nextStep }];
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof PublisherError)) throw error;
        const { nextStep } = reasonOf(error.reason);
        return [{ part, state: error.reason === "BrokerUnreachable" ? "absent" : "act", found: error.message, nextStep }];
      }
    },
  };
}
