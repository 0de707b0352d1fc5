import type { Device, DeviceId, Identity } from "../../domain/camera.ts";
import { type Duration, milliseconds, seconds } from "../../domain/duration.ts";
import { topicName } from "../../domain/mqtt-topics.ts";
import type { Sighting } from "../../domain/sighting.ts";
import { type ToldIdentity, toldIdentity } from "../../domain/told-identity.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Incoming } from "../../ports/publisher.ts";
import { LayerUnavailable, type SightingListener, type SightingSource } from "../../ports/sightings.ts";
import type { ToldIdentities } from "../../ports/told-identities.ts";
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

/** Besides the first of each topic that the broker kept: whoever may publish must not keep us busy. */
const BURST = 256;
const EVERY = milliseconds(200);
/** What the broker keeps is sent again with the next connection: nothing is missed in so short a pause. */
const AGAIN = seconds(1);
/** Cameras of others that are remembered. */
const MOST = 2000;
/** Copies of the program that may tell of one camera; where more do, somebody makes them up, and none is believed. */
const MOST_TELLERS = 16;
/** Everything that the broker kept has come once nothing came for so long. */
const QUIET = seconds(1);
/** What is kept is awaited no longer than this: the broker may be away. */
const AWAITED = seconds(15);

interface Listener {
  readonly onSighting: SightingListener;
  readonly onReady: () => void;
  /** The connection ended. */
  readonly onAway: () => void;
}

/**
 * What other copies of the program tell: as a way of noticing, a place to look and nothing else, unavailable from when the broker goes away until it is back; and
 * what each camera is known by there.
 */
export class FollowedBindings implements SightingSource, LinkClient, ToldIdentities {
  readonly layer = "mqtt" as const;
  readonly subscriptions: readonly string[];
  readonly #parts: FollowedBindingsParts;
  readonly #allowance: Allowance;
  #listener: Listener | undefined;
  /** What was told last, by topic: a broker sends what it kept once, perhaps before anybody listens here. */
  readonly #told = new Map<string, ToldBinding>();
  /** Who tells of a camera's id or name. Kept up to date by each message, since it is asked for each sighting. */
  readonly #index = new Map<string, Set<ToldIdentity>>();
  #isUp = false;
  /** First messages of topics that were taken in this session. */
  #firsts = 0;
  #began: Duration | undefined;
  #latest: Duration | undefined;
  /** What is kept is awaited: a connection is to be made, and not everything has come. */
  #isAwaited = false;

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

  onMessage({ topic, payload, retained }: Incoming): void {
    if (this.#isUp) this.#latest = this.#parts.clock.monotonic();
    const isFirst = retained && !this.#told.has(topic) && this.#firsts < MOST;
    if (isFirst) this.#firsts += 1;
    else if (!this.#allowance.take()) return;
    const told = readBinding(payload);
    this.#forget(topic);
    if (told === undefined || told.origin === this.#parts.origin || !isAt(topic, told.identity)) return;
    if (this.#told.size < MOST) this.#keep(topic, told);
    this.#pass(told);
  }

  onSession(_session: unknown, signal: AbortSignal): Promise<void> {
    this.#isUp = true;
    this.#firsts = 0;
    this.#latest = this.#parts.clock.monotonic();
    this.#listener?.onReady();
    const onEnd = (): void => {
      this.#isUp = false;
      this.#listener?.onAway();
    };
    signal.addEventListener("abort", onEnd, { once: true });
    return Promise.resolve();
  }

  of(device: Pick<Device, "id" | "owners">): Identity | undefined {
    const tellers = [keyOf(device.id), ...device.owners].map((key) => this.#index.get(key) ?? new Set<ToldIdentity>());
    if (tellers.some(({ size }) => size > MOST_TELLERS)) return undefined;
    return toldIdentity(device, [...new Set(tellers.flatMap((each) => [...each]))]);
  }

  /** It has something to tell while it is connected, or was heard for a single sync. */
  get tellsAtOnce(): boolean {
    return this.#isUp;
  }

  /** A connection is to be made: from now on what the broker kept is awaited. */
  expect(): void {
    this.#isAwaited = true;
  }

  isComing(): boolean {
    if (!this.#isAwaited) return false;
    const now = this.#parts.clock.monotonic();
    this.#began ??= now;
    const isQuiet = this.#latest !== undefined && now - this.#latest >= QUIET;
    if (isQuiet || now - this.#began >= AWAITED) this.#isAwaited = false;
    return this.#isAwaited;
  }

  /** Nothing more will come: nobody waits any longer. */
  endHearing(): void {
    this.#isAwaited = false;
  }

  /** How many cameras of other copies are known. */
  get count(): number {
    return this.#told.size;
  }

  #keep(topic: string, told: ToldBinding): void {
    this.#told.set(topic, told);
    const { identity } = told;
    if (identity === undefined) return;
    for (const key of keysOf(identity)) this.#index.set(key, (this.#index.get(key) ?? new Set()).add(identity));
  }

  #forget(topic: string): void {
    const identity = this.#told.get(topic)?.identity;
    this.#told.delete(topic);
    if (identity === undefined) return;
    for (const key of keysOf(identity)) {
      const known = this.#index.get(key);
      known?.delete(identity);
      if (known?.size === 0) this.#index.delete(key);
    }
  }

  #pass({ address, macs, endpoint, uid }: ToldBinding): void {
    const seen = { layer: this.layer, address, at: this.#parts.clock.now() };
    const sightings: Sighting[] = macs.map((mac) => ({ ...seen, mac }));
    if (endpoint !== undefined) sightings.push({ ...seen, endpoint });
    if (uid !== undefined) sightings.push({ ...seen, uid });
    this.#listener?.onSighting(...sightings);
  }
}

/** A binding that tells of another camera than its topic is somebody's mistake, or worse. */
function isAt(topic: string, identity: ToldIdentity | undefined): boolean {
  return identity === undefined || topic.endsWith(`/${topicName(identity.camera as DeviceId)}/binding`);
}

const keyOf = (camera: string): string => `id:${camera}`;

function keysOf({ camera, owners }: ToldIdentity): ReadonlySet<string> {
  return new Set([keyOf(camera), ...owners]);
}
