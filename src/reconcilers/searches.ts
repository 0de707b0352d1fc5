import { ipToNumber, type IpAddress, type MacAddress, type Network, networkContains, networkOf, networkSize } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import { between, type Duration, instant, type Instant, milliseconds, minutes, seconds } from "../domain/duration.ts";
import { type GuardLimits, mayAsk, maySweep, NO_SWEEPS, noteSweep, type SweepState } from "../domain/policy.ts";
import type { MacSighting, Sighting } from "../domain/sighting.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { NeighbourProber } from "../ports/prober.ts";
import type { NeighbourSearch, ScanInterface } from "../ports/search.ts";
import { LayerUnavailable } from "../ports/sightings.ts";
import type { Status } from "../ports/status.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";

/** A larger network is never poked as a whole: its neighbours' tables would overflow. */
const POKED_AT_MOST = 22;
/** A larger network is not asked as a whole. */
const ASKED_AT_MOST = 16;
const FIRST_PAUSE = seconds(10);
const LONGEST_PAUSE = minutes(5);

/** A device that is not where it should be. */
interface Missing {
  readonly macs: readonly MacAddress[];
  /** Where it was: the parts of a large network that are searched first. */
  readonly addresses: readonly IpAddress[];
  /** Monotonic, as is every time here: a wall clock that jumps must not stop or hurry a search. */
  readonly lostAt: Instant;
  /** It answers somewhere and only a person can make it usable: it is missed, and not searched for. */
  isResting: boolean;
  /** Searches that did not find it, by interface. */
  readonly rounds: Map<string, number>;
}

export interface SearchesPorts {
  readonly search: NeighbourSearch;
  readonly prober: NeighbourProber;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly log: Log;
  /** Interfaces that the options name; empty: every ordinary one. */
  readonly interfaces: readonly string[];
  /** Networks that the options limit the search to; empty: those of the interfaces. */
  readonly ranges: readonly Network[];
  readonly enabled: boolean;
  readonly guards: GuardLimits;
  readonly onSighting: (sighting: Sighting) => void;
  readonly enqueue: (interfaceName: string) => void;
}

/** Looks for every missing device of an interface in one go: earlier addresses, then asking each MAC, then one poke of the whole network. */
export class Searches implements Reconciler<string> {
  readonly name = "search";
  readonly #ports: SearchesPorts;
  readonly #missing = new Map<DeviceId, Missing>();
  readonly #sweeps = new Map<string, SweepState>();
  /** When a device's MACs were last asked for, by interface; outlives a find, because a camera may come and go. */
  readonly #asked = new Map<DeviceId, ReadonlyMap<string, Instant>>();
  #interfaces: readonly ScanInterface[] = [];

  constructor(ports: SearchesPorts) {
    this.#ports = ports;
  }

  /** The device is missing: it is searched for until it is found, where searching is wanted and it has a MAC to look for. */
  async want(id: DeviceId, macs: readonly MacAddress[], addresses: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    const known = this.#missing.get(id);
    const news = known === undefined || known.isResting;
    const lostAt = known?.lostAt ?? this.#now();
    if (news) this.#missing.set(id, { macs, addresses, lostAt, rounds: new Map(), isResting: false });
    if (!this.#ports.enabled || macs.length === 0) return;
    this.#interfaces = await this.#usable(signal);
    if (news) for (const one of this.#interfaces) this.#ports.enqueue(one.name);
  }

  /** The device answers, and only a person can make it usable: searching further would disturb others for nothing. */
  rest(id: DeviceId): void {
    const missing = this.#missing.get(id);
    if (missing !== undefined) missing.isResting = true;
  }

  found(id: DeviceId): void {
    this.#missing.delete(id);
  }

  /** The device is gone from the documents. */
  forget(id: DeviceId): void {
    this.#missing.delete(id);
    this.#asked.delete(id);
  }

  isMissing(id: DeviceId): boolean {
    return this.#missing.has(id);
  }

  /** Since when it is searched for, monotonic; undefined where it is not missing, or answers and needs a person. */
  lostAt(id: DeviceId): Instant | undefined {
    const missing = this.#missing.get(id);
    return missing === undefined || missing.isResting ? undefined : missing.lostAt;
  }

  /** For how long it has been missing; zero where it is not. */
  missingFor(id: DeviceId): Duration {
    const missing = this.#missing.get(id);
    return missing === undefined ? milliseconds(0) : between(missing.lostAt, this.#now());
  }

  #now(): Instant {
    return instant(this.#ports.clock.monotonic());
  }

  #wanted(): readonly (readonly [DeviceId, Missing])[] {
    return [...this.#missing].filter(([, missing]) => !missing.isResting && missing.macs.length > 0);
  }

  async reconcile(name: string, signal: AbortSignal): Promise<Outcome> {
    const on = this.#interfaces.find((candidate) => candidate.name === name);
    if (on === undefined || !this.#ports.enabled || this.#wanted().length === 0) return {};
    const canAsk = await this.#ask(on, signal);
    if (!canAsk) await this.#tryEarlier(on, signal);
    await this.#poke(on, signal);
    const rounds = this.#wanted().map(([, missing]) => (missing.rounds.get(name) ?? 0) + 1);
    this.#wanted().forEach(([, missing], index) => missing.rounds.set(name, rounds[index] ?? 1));
    if (rounds.length === 0) return {};
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 1.5 ** Math.max(0, Math.min(...rounds) - 4));
    return { requeueAfter: milliseconds(pause * (0.9 + 0.2 * this.#ports.random())) };
  }

  /** @returns false where asking is not possible here */
  async #ask(on: ScanInterface, signal: AbortSignal): Promise<boolean> {
    const { search, status, onSighting, guards } = this.#ports;
    for (const [id, missing] of this.#wanted()) {
      const asked = new Map(this.#asked.get(id));
      if (!mayAsk(asked.get(on.name), this.#now(), guards).ok) continue;
      this.#asked.set(id, asked.set(on.name, this.#now()));
      for (const mac of missing.macs) {
        for (const network of this.#networks(on, ASKED_AT_MOST, missing.addresses)) {
          try {
            await search.ask({ ...on, network }, mac, onSighting, signal);
            status.set("layer/ask", "ok", "LayerActive", "layer ask is active");
          } catch (error) {
            signal.throwIfAborted();
            if (!(error instanceof LayerUnavailable)) throw error;
            status.set("layer/ask", "unknown", "LayerUnavailable", error.message);
            return false;
          }
        }
      }
    }
    return status.get("layer/ask")?.status !== "unknown";
  }

  async #tryEarlier(on: ScanInterface, signal: AbortSignal): Promise<void> {
    const { prober, clock, onSighting } = this.#ports;
    for (const [, missing] of this.#wanted()) {
      const near = missing.addresses.filter((address) => networkContains(on.network, address)).slice(0, 10);
      await Promise.all(
        near.map(async (address) => {
          const reading = await prober.neighbour(address, missing.macs, seconds(1), signal);
          if (reading.found === "mac" && missing.macs.includes(reading.mac))
            onSighting({ layer: "history", mac: reading.mac, address, at: clock.now() });
        }),
      );
    }
  }

  async #poke(on: ScanInterface, signal: AbortSignal): Promise<void> {
    const { search, onSighting, log, guards } = this.#ports;
    const wanted = this.#wanted().map(([, missing]) => missing);
    if (wanted.length === 0) return;
    const state = this.#sweeps.get(on.name) ?? NO_SWEEPS;
    const lostAt = wanted.map((missing) => missing.lostAt).toSorted((one, other) => other - one)[0];
    const now = this.#now();
    if (!maySweep(state, lostAt, now, guards).ok) return;
    this.#sweeps.set(on.name, noteSweep(state, now, false));
    let found = false;
    const macs = wanted.flatMap((missing) => missing.macs);
    for (const network of this.#networks(
      on,
      POKED_AT_MOST,
      wanted.flatMap((missing) => missing.addresses),
    )) {
      const report = await search.poke(on, network, macs, onSighting, signal);
      found ||= report.complete;
      if (report.overflows > 0)
        log.warn("the neighbour table overflowed during a sweep", { interface: on.name, overflows: report.overflows });
    }
    this.#sweeps.set(on.name, noteSweep(state, now, found));
  }

  /**
   * Tells of everybody who answers on the searched networks, within the same budget of sweeps as the search for missing devices.
   * @param addresses near which a large network is looked at
   * @param since when the wish for it arose: the first sweep after that goes at once
   * @returns how long to wait where no interface may be swept yet; undefined where it was done
   */
  async census(
    addresses: readonly IpAddress[],
    since: Instant,
    onSighting: (sighting: MacSighting) => void,
    signal: AbortSignal,
  ): Promise<Duration | undefined> {
    const { search, guards, log } = this.#ports;
    let pause: Duration | undefined;
    const interfaces = await this.#usable(signal);
    const due = interfaces.filter((on) => {
      const may = maySweep(this.#sweeps.get(on.name) ?? NO_SWEEPS, since, this.#now(), guards);
      if (!may.ok) pause = milliseconds(Math.min(pause ?? may.after, may.after));
      return may.ok;
    });
    // A picture of a part of the home would call a device the only one that is not.
    if (pause !== undefined) return pause;
    for (const on of due) {
      this.#sweeps.set(on.name, noteSweep(this.#sweeps.get(on.name) ?? NO_SWEEPS, this.#now(), false));
      for (const network of this.#networks(on, POKED_AT_MOST, addresses)) {
        const { overflows } = await search.census(on, network, onSighting, signal);
        if (overflows > 0) log.warn("the neighbour table overflowed during a sweep", { interface: on.name, overflows });
      }
    }
    return undefined;
  }

  /** Whether anything may be searched for here at all. */
  get enabled(): boolean {
    return this.#ports.enabled;
  }

  /** What of an interface's network is searched: as the options say, and not more than the prefix allows, near where the devices were. */
  #networks(on: ScanInterface, longest: number, addresses: readonly IpAddress[]): readonly Network[] {
    const chosen = this.#ports.ranges.filter(
      (range) => range.base <= on.network.base + networkSize(on.network) - 1 && range.base + networkSize(range) > on.network.base,
    );
    const whole =
      this.#ports.ranges.length === 0 ? [on.network] : chosen.map((range) => (range.prefix > on.network.prefix ? range : on.network));
    return whole.flatMap((network) => {
      if (network.prefix >= longest) return [network];
      const near = addresses.filter((address) => networkContains(network, address)).map((address) => networkOf(address, longest));
      return [...new Map(near.map((part) => [part.base, part] as const)).values()].slice(0, 4);
    });
  }

  async #usable(signal: AbortSignal): Promise<readonly ScanInterface[]> {
    const { interfaces: named } = this.#ports;
    const all = await this.#ports.search.interfaces(signal);
    return all
      .filter((one) => (named.length === 0 ? one.avoid === undefined : named.includes(one.name)))
      .toSorted((one, other) => ipToNumber(one.address) - ipToNumber(other.address));
  }
}
