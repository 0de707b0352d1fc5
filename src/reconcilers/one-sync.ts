import { type Duration, milliseconds, seconds } from "../domain/duration.ts";
import type { SightingSource } from "../ports/sightings.ts";
import { settledTogether, type Settling } from "../runtime/settled.ts";
import { keepWatching, type LayersPorts } from "./layers.ts";

/** What is left to do once what has a time of its own is over. */
const AFTERWARDS = seconds(30);
/** So often it is looked whether that is over. */
const OVER_YET = seconds(1);

/** A layer that tells what it knows as soon as it is up is waited for no longer than this. */
const UP_WITHIN = seconds(5);

export interface OneSyncParts {
  readonly loops: readonly (Settling & { run(signal: AbortSignal): Promise<void> })[];
  /** What may go on though no loop is busy. */
  readonly going: readonly { pending(): boolean }[];
  /** What was begun, has a time limit of its own, and is awaited beyond that of the sync. Monotonic; undefined where there is nothing. */
  readonly restarts: { readonly awaitedUntil: () => Duration | undefined };
  readonly sources: readonly SightingSource[];
  readonly layers: Pick<LayersPorts, "clock" | "random" | "status" | "log" | "onSighting">;
  /** Reads the documents. */
  readonly load: (signal: AbortSignal) => Promise<void>;
  /** Has everything looked at. */
  readonly begin: (signal: AbortSignal) => Promise<void>;
  /** What can only be judged once it is known where the cameras are. What it begins is waited for. */
  readonly judge: readonly (() => void)[];
  /** What is looked at once more when all that has settled, one after the other. */
  readonly rest: readonly (() => void)[];
  readonly release: () => Promise<void>;
}

/**
 * Makes everything right once, within a limit. Layers that know something at once are heard meanwhile; what only happens now and then is not waited for.
 * What was begun within that time and has its own limit, such as the restart of a Frigate, is seen to its end.
 * @param then done once everything is settled; what it begins is waited for, too
 * @returns whether everything came to its end within that time
 * @throws the signal's reason when aborted
 */
export async function oneSync(
  { loops, going, restarts, sources, layers, load, begin, judge, rest, release }: OneSyncParts,
  within: Duration,
  signal: AbortSignal,
  then?: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const { clock } = layers;
  const end = new AbortController();
  const stop = AbortSignal.any([signal, end.signal]);
  const { limit, watching: limiting } = limitOf(clock, within, restarts.awaitedUntil, stop);
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
    for (const again of judge) again();
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
    await Promise.all([...running, limiting]);
    await release();
  }
}

/** A signal that aborts when the time is over, and later only while something is awaited that has its own. */
function limitOf(
  clock: OneSyncParts["layers"]["clock"],
  within: Duration,
  awaitedUntil: () => Duration | undefined,
  signal: AbortSignal,
): { readonly limit: AbortSignal; readonly watching: Promise<void> } {
  const over = new AbortController();
  const limiting = async (): Promise<void> => {
    await clock.wait("one sync", within, signal);
    let isLonger = false;
    for (let until = awaitedUntil(); until !== undefined && until > clock.monotonic(); until = awaitedUntil()) {
      isLonger = true;
      await clock.wait("one sync, longer", milliseconds(Math.min(OVER_YET, until - clock.monotonic())), signal);
    }
    if (isLonger) await clock.wait("one sync, to its end", AFTERWARDS, signal);
    over.abort(new DOMException("one sync took too long", "TimeoutError"));
  };
  const watching = limiting().catch(() => over.abort(signal.reason));
  return { limit: AbortSignal.any([signal, over.signal]), watching };
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
