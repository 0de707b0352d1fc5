import { type Duration, milliseconds, seconds } from "../domain/duration.ts";
import type { SightingSource } from "../ports/sightings.ts";
import { settledTogether, type Settling } from "../runtime/settled.ts";
import { keepWatching, type LayersPorts } from "./layers.ts";

/** A layer that tells what it knows as soon as it is up is waited for no longer than this. */
const UP_WITHIN = seconds(5);

export interface OneSyncParts {
  readonly loops: readonly (Settling & { run(signal: AbortSignal): Promise<void> })[];
  /** What may go on though no loop is busy. */
  readonly going: readonly { pending(): boolean }[];
  readonly sources: readonly SightingSource[];
  readonly layers: Pick<LayersPorts, "clock" | "random" | "status" | "log" | "onSighting">;
  /** Reads the documents. */
  readonly load: (signal: AbortSignal) => Promise<void>;
  /** Has everything looked at. */
  readonly begin: (signal: AbortSignal) => Promise<void>;
  /** What is looked at once more when all that has settled, one after the other. */
  readonly rest: readonly (() => void)[];
  readonly release: () => Promise<void>;
}

/**
 * Makes everything right once, within a limit. Layers that know something at once are heard meanwhile; what only happens now and then is not waited for.
 * @param then done once everything is settled; what it begins is waited for, too
 * @returns whether everything came to its end within that time
 * @throws the signal's reason when aborted
 */
export async function oneSync(
  { loops, going, sources, layers, load, begin, rest, release }: OneSyncParts,
  within: Duration,
  signal: AbortSignal,
  then?: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const { clock } = layers;
  const end = new AbortController();
  const stop = AbortSignal.any([signal, end.signal]);
  const limit = clock.deadline("one sync", within, stop);
  const running: Promise<unknown>[] = loops.map((one) => one.run(stop));
  const settle = async (): Promise<void> => {
    do {
      await settledTogether(loops, limit);
      await clock.wait("one sync", milliseconds(100), limit);
      // A pass that runs just now knows only at its end whether something is pending.
    } while (loops.some((one) => one.busy()) || going.some((one) => one.pending()));
  };
  try {
    await load(limit);
    const telling = sources.filter(({ tellsAtOnce }) => tellsAtOnce === true).map((source) => hear(source, layers, stop));
    running.push(...telling.map(({ watching }) => watching));
    await Promise.all(telling.map(({ up }) => up));
    await begin(limit);
    await settle();
    for (const again of rest) {
      again();
      await settledTogether(loops, limit);
    }
    if (then === undefined) return true;
    await then(limit);
    await settle();
    return true;
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    return false;
  } finally {
    end.abort();
    await Promise.all(running);
    await release();
  }
}

interface Hearing {
  readonly watching: Promise<void>;
  /** Resolves once the layer is up, has failed, or was waited for long enough. */
  readonly up: Promise<void>;
}

function hear(source: SightingSource, layers: OneSyncParts["layers"], signal: AbortSignal): Hearing {
  const enough = new AbortController();
  const heard: SightingSource = {
    layer: source.layer,
    ...(source.standIn === undefined ? {} : { standIn: source.standIn }),
    watch: async (onSighting, onReady, stop) => {
      try {
        await source.watch(onSighting, () => (onReady(), enough.abort()), stop);
      } finally {
        enough.abort();
      }
    },
  };
  const quiet = { tell: () => undefined, onGap: () => undefined };
  const watching = keepWatching(heard, { ...layers, ...quiet }, signal);
  const up = layers.clock.wait(`layer ${source.layer}`, UP_WITHIN, AbortSignal.any([signal, enough.signal])).catch(() => undefined);
  return { watching, up };
}
