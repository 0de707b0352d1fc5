import { reasonOf } from "../domain/reasons.ts";
import { PublisherError } from "../ports/publisher.ts";
import type { BrokerTrial } from "../reconcilers/mqtt/try-broker.ts";
import type { CheckItem, CheckProducer } from "./check.ts";
import { printable } from "./paint.ts";

/**
 * The message broker, where one is wanted: whether it answers, lets us in, and lets us publish and listen.
 * @param known after that, the cameras of which nothing was learned here and that other copies of the program tell of; undefined where none is followed
 */
export function checkBroker(
  attempt: (signal: AbortSignal) => Promise<BrokerTrial | undefined>,
  known: () => readonly string[] | undefined,
): CheckProducer {
  const part = "MQTT broker";
  return {
    part,
    gather: async (signal) => {
      try {
        const trial = await attempt(signal);
        if (trial === undefined) return [];
        const { place, denied } = trial;
        const told = toldItems(part, known());
        if (denied === undefined) return [{ part, state: "ok", found: `${place}: lets us in, publish and listen` }, ...told];
        return [...told, { part, state: "act", found: `${place} ${denied}`, nextStep: reasonOf("BrokerDenies").nextStep }];
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof PublisherError)) throw error;
        const { nextStep } = reasonOf(error.reason);
        return [
          {
            part,
            state: error.reason === "BrokerUnreachable" || error.reason === "BrokerAbsent" ? "absent" : "act",
            found: error.message,
            nextStep,
          },
        ];
      }
    },
  };
}

function toldItems(part: string, cameras: readonly string[] | undefined): readonly CheckItem[] {
  if (cameras === undefined) return [];
  const found =
    cameras.length === 0
      ? "other copies of the program tell of no camera that is not learned here"
      : `not learned here, and known by what other copies of the program tell: ${cameras.map(printable).join(", ")}`;
  return [{ part, state: "info", found }];
}
