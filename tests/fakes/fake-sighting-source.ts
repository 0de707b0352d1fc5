import type { Layer, Sighting } from "../../src/domain/sighting.ts";
import type { SightingSource } from "../../src/ports/sightings.ts";

/** A layer that tells what the test sees. */
export class FakeSightingSource implements SightingSource {
  readonly layer: Layer;
  /** How often it was begun to watch. */
  watches = 0;
  #tell: ((sighting: Sighting) => void) | undefined;
  #ready: (() => void) | undefined;
  #fail: ((error: Error) => void) | undefined;
  /** What the next attempt to watch fails with at once, while set. */
  unavailable: Error | undefined;

  constructor(layer: Layer = "dhcp") {
    this.layer = layer;
  }

  /** A sighting, where anybody listens. */
  tell(sighting: Omit<Sighting, "layer">): void {
    this.#tell?.({ ...sighting, layer: this.layer });
  }

  /** It is up again after a gap. */
  ready(): void {
    this.#ready?.();
  }

  /** It ends with this error. */
  fail(error: Error): void {
    this.#fail?.(error);
  }

  async watch(onSighting: (sighting: Sighting) => void, onReady: () => void, signal: AbortSignal): Promise<void> {
    this.watches += 1;
    if (this.unavailable !== undefined) throw this.unavailable;
    const end = Promise.withResolvers<void>();
    this.#tell = onSighting;
    this.#ready = onReady;
    this.#fail = end.reject;
    signal.addEventListener("abort", () => end.resolve(), { once: true });
    onReady();
    try {
      await end.promise;
    } finally {
      this.#tell = undefined;
    }
  }
}
