import type { Duration } from "../domain/duration.ts";
import type { Layer, Sighting } from "../domain/sighting.ts";

/** Takes sightings; those that were made at once are best told at once. */
export type SightingListener = (...sightings: readonly Sighting[]) => void;

/** A layer that tells of candidate addresses by itself, without being asked. */
export interface SightingSource {
  readonly layer: Layer;
  /** A poorer way of noticing the same, which runs while this one is unavailable. */
  readonly standIn?: SightingSource;
  /** It has something to tell as soon as it is up, which a single sync waits for; the others only tell what happens. */
  readonly tellsAtOnce?: boolean;
  /**
   * Reports until the signal is aborted, then resolves.
   * @param onReady called (again) whenever the layer is up, after a start and after a recovery
   * @throws LayerUnavailable where it cannot run here (any more); the caller says so once and tries again after `retryAfter`
   */
  watch(onSighting: SightingListener, onReady: () => void, signal: AbortSignal): Promise<void>;
}

/** A layer cannot run here: the message names what is missing and the remedy. */
export class LayerUnavailable extends Error {
  override readonly name = "LayerUnavailable";
  readonly layer: Layer;
  readonly retryAfter: Duration;
  constructor(layer: Layer, message: string, retryAfter: Duration, options?: ErrorOptions) {
    super(message, options);
    this.layer = layer;
    this.retryAfter = retryAfter;
  }
}
