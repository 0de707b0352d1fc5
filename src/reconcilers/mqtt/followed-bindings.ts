import { milliseconds, seconds } from "../../domain/duration.ts";
import type { Sighting } from "../../domain/sighting.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Incoming } from "../../ports/publisher.ts";
import { LayerUnavailable, type SightingSource } from "../../ports/sightings.ts";
import { Allowance } from "../../runtime/allowance.ts";
import { readBinding, type ToldBinding } from "./binding-message.ts";
import type { LinkClient } from "./broker-link.ts";

export interface FollowedBindingsParts {
  /** Bases at which other copies of the program tell what they see. */
  readonly bases: readonly string[];
  /** This installation, whose own messages are no news. */
  readonly origin: string;
  readonly clock: Clock;
}

/** As many as a large fleet has kept, and then a few a second: whoever may publish must not keep us busy. */
const BURST = 256;
const EVERY = milliseconds(200);
/** What the broker keeps is sent again with the next connection: nothing is missed in so short a pause. */
const AGAIN = seconds(1);
/** Cameras of others that are remembered. */
const MOST = 2000;

interface Listener {
  readonly onSighting: (sighting: Sighting) => void;
  readonly onReady: () => void;
  /** The connection ended. */
  readonly onAway: () => void;
}

/** What other copies of the program tell as a way of noticing: a place to look, and nothing else. Unavailable from when the broker goes away until it is back. */
export class FollowedBindings implements SightingSource, LinkClient {
  readonly layer = "mqtt" as const;
  readonly subscriptions: readonly string[];
  readonly #parts: FollowedBindingsParts;
  readonly #allowance: Allowance;
  #listener: Listener | undefined;
  /** What was told last, by topic: a broker sends what it kept once, perhaps before anybody listens here. */
  readonly #told = new Map<string, ToldBinding>();
  #isUp = false;

  constructor(parts: FollowedBindingsParts) {
    this.#parts = parts;
    this.#allowance = new Allowance(parts.clock, BURST, EVERY);
    this.subscriptions = [...new Set(parts.bases)].map((base) => `${base}/+/binding`);
  }

  async watch(onSighting: Listener["onSighting"], onReady: Listener["onReady"], signal: AbortSignal): Promise<void> {
    const ended = new Promise<"stopped" | "away">((resolve) => {
      if (signal.aborted) resolve("stopped");
      signal.addEventListener("abort", () => resolve("stopped"), { once: true });
      this.#listener = { onSighting, onReady, onAway: () => resolve("away") };
    });
    if (this.#isUp) onReady();
    for (const told of this.#told.values()) this.#pass(told);
    const why = await ended;
    this.#listener = undefined;
    if (why === "away") throw new LayerUnavailable("mqtt", "the broker is away, so that nothing is heard of what other copies see", AGAIN);
  }

  onMessage({ topic, payload }: Incoming): void {
    if (!this.#allowance.take()) return;
    const told = readBinding(payload);
    if (told === undefined) this.#told.delete(topic);
    if (told === undefined || told.origin === this.#parts.origin) return;
    if (this.#told.has(topic) || this.#told.size < MOST) this.#told.set(topic, told);
    this.#pass(told);
  }

  onSession(_session: unknown, signal: AbortSignal): Promise<void> {
    this.#isUp = true;
    this.#listener?.onReady();
    const onEnd = (): void => {
      this.#isUp = false;
      this.#listener?.onAway();
    };
    signal.addEventListener("abort", onEnd, { once: true });
    return Promise.resolve();
  }

  #pass({ address, macs, endpoint, uid }: ToldBinding): void {
    const seen = { layer: this.layer, address, at: this.#parts.clock.now() };
    for (const mac of macs) this.#listener?.onSighting({ ...seen, mac });
    if (endpoint !== undefined) this.#listener?.onSighting({ ...seen, endpoint });
    if (uid !== undefined) this.#listener?.onSighting({ ...seen, uid });
  }
}
