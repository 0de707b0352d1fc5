import { type Duration, milliseconds, seconds } from "../domain/duration.ts";
import type { Tell } from "../domain/notice.ts";
import { asError } from "../domain/thrown.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { LayerUnavailable, type SightingListener, type SightingSource } from "../ports/sightings.ts";
import type { Status } from "../ports/status.ts";

export interface LayersPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly log: Log;
  readonly tell: Tell;
  readonly onSighting: SightingListener;
  /** The layer is up, perhaps after a gap in which something was missed: everything is looked at again. */
  readonly onGap: () => void;
}

/** Keeps one layer of noticing running until the signal aborts. What it cannot do here is said once, and tried again in its own time. */
export async function keepWatching(source: SightingSource, ports: LayersPorts, signal: AbortSignal): Promise<void> {
  const subject = `layer/${source.layer}`;
  let everUp = false;
  while (!signal.aborted) {
    let retryAfter = seconds(5);
    try {
      await source.watch(
        ports.onSighting,
        () => {
          if (ports.status.get(subject)?.status !== "ok") ports.tell({ kind: "layer-up", layer: source.layer });
          ports.status.set(subject, "ok", "LayerActive", `layer ${source.layer} is active`);
          if (everUp) ports.onGap();
          everUp = true;
        },
        signal,
      );
    } catch (error) {
      if (signal.aborted) return;
      const unavailable = error instanceof LayerUnavailable;
      const message = error instanceof Error ? error.message : "stopped unexpectedly";
      if (unavailable) retryAfter = error.retryAfter;
      else ports.log.error("layer failed", { layer: source.layer, error: error instanceof Error ? error : new Error(message) });
      if (ports.status.get(subject)?.reason !== "LayerUnavailable") ports.tell({ kind: "layer-down", layer: source.layer, message });
      ports.status.set(subject, "unknown", "LayerUnavailable", message);
    }
    if (signal.aborted) return;
    const pause = milliseconds(retryAfter * (0.9 + 0.2 * ports.random()));
    await standIn(source, ports, pause, signal);
  }
}

/** Waits out a pause, with the layer's stand-in running where there is one; the whole pause, also where the stand-in fails. */
async function standIn(source: SightingSource, ports: LayersPorts, pause: Duration, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const stood = source.standIn
    ?.watch(ports.onSighting, () => undefined, both)
    .catch((error: unknown) => {
      if (!both.aborted) ports.log.error("stand-in failed", { layer: source.layer, error: asError(error) });
    });
  await ports.clock.wait(`layer ${source.layer} again`, pause, signal).catch(() => undefined);
  stop.abort();
  await stood;
}
