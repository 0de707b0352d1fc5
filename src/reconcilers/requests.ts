import { type Duration, seconds } from "../domain/duration.ts";
import { maskCredentials } from "../domain/mask.ts";
import { asError } from "../domain/thrown.ts";
import { type ActionResult, type Actions, refused } from "../ports/actions.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Registry } from "../ports/registry.ts";
import { unlessAborted } from "../runtime/unless-aborted.ts";

/** An answer comes within this time, for whoever asked waits for thirty seconds; the work goes on, for half of it would be worse than none. */
const ANSWER_WITHIN = seconds(25);

export interface RequestsPorts {
  readonly registry: Registry;
  readonly actions: Actions;
  readonly clock: Clock;
  readonly log: Log;
  /** How often it is looked for requests. */
  readonly every: Duration;
}

/** Takes the requests of other processes from the program's memory, one after the other, and answers them. Ends when the signal aborts. */
export async function answerRequests(ports: RequestsPorts, signal: AbortSignal): Promise<void> {
  const { registry, clock, log, every } = ports;
  while (!signal.aborted) {
    try {
      await clock.wait("requests", every, signal);
      for (const request of registry.consents.openRequests(clock.now())) {
        if (!registry.consents.takeRequest(request.id)) continue;
        const result = await perform(ports, request.action, signal);
        registry.consents.answerRequest(request.id, result);
        log.info("request", { verb: request.action.verb, result: result.kind, detail: result.message });
      }
    } catch (error) {
      if (signal.aborted) return;
      log.error("requests could not be read or answered", { error: asError(error) });
    }
  }
}

async function perform(
  { actions, clock }: RequestsPorts,
  action: Parameters<Actions["perform"]>[0],
  signal: AbortSignal,
): Promise<ActionResult> {
  const limit = clock.deadline("a request", ANSWER_WITHIN, signal);
  try {
    return await unlessAborted(actions.perform(action, signal), limit);
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return refused("InternalError", "it takes long, and goes on; the log tells what came of it");
    const message = maskCredentials(asError(error).message);
    return refused("InternalError", message);
  }
}
