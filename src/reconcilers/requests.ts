import { type Duration, seconds } from "../domain/duration.ts";
import { maskCredentials } from "../domain/mask.ts";
import { asError } from "../domain/thrown.ts";
import { type ActionResult, type Actions, refused } from "../ports/actions.ts";
import type { Clock } from "../ports/clock.ts";
import type { RequestRecord } from "../ports/consents.ts";
import type { Log } from "../ports/log.ts";
import type { Registry } from "../ports/registry.ts";
import { unlessAborted } from "../runtime/unless-aborted.ts";

/** An answer comes within this time, for whoever asked waits for thirty seconds; the work goes on, for half of it would be worse than none. */
const ANSWER_WITHIN = seconds(25);

/** So many wait at once for what they come to; a further one is begun after these. */
const MOST_RESYNCS = 4;

export interface RequestsPorts {
  readonly registry: Registry;
  readonly actions: Actions;
  readonly clock: Clock;
  readonly log: Log;
  /** How often it is looked for requests. */
  readonly every: Duration;
}

/**
 * Takes the requests of other processes from the program's memory, one after the other, and answers them. A resync waits for what it comes to, and keeps
 * nobody else waiting. Ends when the signal aborts.
 */
export async function answerRequests(ports: RequestsPorts, signal: AbortSignal): Promise<void> {
  const { registry, clock, every } = ports;
  const resyncs = new Set<Promise<void>>();
  while (!signal.aborted) {
    await attempt(ports, signal, async () => {
      await clock.wait("requests", every, signal);
      for (const request of registry.consents.openRequests(clock.now())) {
        const isResync = request.action.verb === "resync";
        if ((isResync && resyncs.size >= MOST_RESYNCS) || !registry.consents.takeRequest(request.id)) continue;
        const answered = attempt(ports, signal, () => answer(ports, request, signal));
        if (isResync) keep(resyncs, answered);
        else await answered;
      }
    });
  }
  await Promise.all(resyncs);
}

/** Until it ends. */
function keep(set: Set<Promise<void>>, work: Promise<void>): void {
  const kept: Promise<void> = work.then(() => void set.delete(kept));
  set.add(kept);
}

/** What fails is logged: the next request is answered all the same. */
async function attempt({ log }: RequestsPorts, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!signal.aborted) log.error("requests could not be read or answered", { error: asError(error) });
  }
}

async function answer(ports: RequestsPorts, { id, action }: RequestRecord, signal: AbortSignal): Promise<void> {
  const result = await perform(ports, action, signal);
  ports.registry.consents.answerRequest(id, result);
  ports.log.info("request", { verb: action.verb, result: result.kind, detail: result.message });
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
