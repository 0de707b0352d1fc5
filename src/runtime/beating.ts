import { seconds } from "../domain/duration.ts";
import { asError } from "../domain/thrown.ts";
import type { Clock } from "../ports/clock.ts";
import type { Heartbeat } from "../ports/heartbeat.ts";
import type { Log } from "../ports/log.ts";

/** A supervisor gives a program up that was still for a minute (`addon/healthy`). */
const EVERY = seconds(10);

/**
 * Gives a sign of life every ten seconds until it is stopped: from the event loop, so that a program which hangs gives none. One that cannot be given is
 * logged once, and tried again.
 */
export async function keepBeating(heartbeat: Heartbeat, clock: Clock, log: Log, signal: AbortSignal): Promise<void> {
  let failed = false;
  while (!signal.aborted) {
    try {
      await heartbeat.beat();
      failed = false;
    } catch (error) {
      if (!failed) log.error("no sign of life can be given", { error: asError(error) });
      failed = true;
    }
    await clock.wait("next heartbeat", EVERY, signal).catch(() => undefined);
  }
  await heartbeat.end();
}
