import { ipToNumber, type IpAddress, type MacAddress, type Network, networkContains, networkOf, networkSize } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import { type Instant, milliseconds, minutes, seconds, type Duration } from "../domain/duration.ts";
import { mayAsk, maySweep, NO_SWEEPS, noteSweep, type SweepState } from "../domain/policy.ts";
import type { Sighting } from "../domain/sighting.ts";
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
  readonly lostAt: Instant;
  rounds: number;
  askedAt: Instant | undefined;
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
  readonly onSighting: (sighting: Sighting) => void;
  readonly enqueue: (interfaceName: string) => void;
}

/** Looks for every missing device of an interface in one go: earlier addresses, then asking each MAC, then one poke of the whole network. */
export class Searches implements Reconciler<string> {
  readonly name = "search";
  readonly #ports: SearchesPorts;
  readonly #missing = new Map<DeviceId, Missing>();
  readonly #sweeps = new Map<string, SweepState>();
  #interfaces: readonly ScanInterface[] = [];

  constructor(ports: SearchesPorts) {
    this.#ports = ports;
  }

  /** The device is missing: it is searched for until it is found. */
  async want(id: DeviceId, macs: readonly MacAddress[], addresses: readonly IpAddress[], signal: AbortSignal): Promise<void> {
    if (!this.#ports.enabled || macs.length === 0) return;
    const known = this.#missing.get(id);
    if (known === undefined) this.#missing.set(id, { macs, addresses, lostAt: this.#ports.clock.now(), rounds: 0, askedAt: undefined });
    this.#interfaces = await this.#usable(signal);
    if (known === undefined) for (const one of this.#interfaces) this.#ports.enqueue(one.name);
  }

  found(id: DeviceId): void {
    this.#missing.delete(id);
  }

  isMissing(id: DeviceId): boolean {
    return this.#missing.has(id);
  }

  lostAt(id: DeviceId): Instant | undefined {
    return this.#missing.get(id)?.lostAt;
  }

  async reconcile(name: string, signal: AbortSignal): Promise<Outcome> {
    const on = this.#interfaces.find((candidate) => candidate.name === name);
    if (on === undefined || this.#missing.size === 0) return {};
    const asked = await this.#ask(on, signal);
    if (!asked) await this.#tryEarlier(on, signal);
    await this.#poke(on, signal);
    const rounds = [...this.#missing.values()].map((missing) => (missing.rounds += 1));
    if (rounds.length === 0) return {};
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 1.5 ** Math.max(0, Math.min(...rounds) - 4));
    return { requeueAfter: milliseconds(pause * (0.9 + 0.2 * this.#ports.random())) };
  }

  /** @returns false where asking is not possible here */
  async #ask(on: ScanInterface, signal: AbortSignal): Promise<boolean> {
    for (const missing of Array.from(this.#missing.values())) {
      const now = this.#ports.clock.now();
      if (!mayAsk(missing.askedAt, now).ok) continue;
      missing.askedAt = now;
      for (const mac of missing.macs) {
        for (const network of this.#networks(on, ASKED_AT_MOST, missing.addresses)) {
          try {
            await this.#ports.search.ask({ ...on, network }, mac, this.#ports.onSighting, signal);
          } catch (error) {
            signal.throwIfAborted();
            if (!(error instanceof LayerUnavailable)) throw error;
            this.#ports.status.set("layer/ask", "unknown", "LayerUnavailable", error.message);
            return false;
          }
        }
      }
    }
    this.#ports.status.set("layer/ask", "ok", "LayerActive", "layer ask is active");
    return true;
  }

  async #tryEarlier(on: ScanInterface, signal: AbortSignal): Promise<void> {
    const { prober, clock, onSighting } = this.#ports;
    for (const missing of Array.from(this.#missing.values())) {
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
    const { clock, search, onSighting, log } = this.#ports;
    const wanted = [...this.#missing.values()];
    if (wanted.length === 0) return;
    const state = this.#sweeps.get(on.name) ?? NO_SWEEPS;
    const lostAt = wanted.map((missing) => missing.lostAt).toSorted((one, other) => other - one)[0];
    const now = clock.now();
    if (!maySweep(state, lostAt, now).ok) return;
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

/** How long a device has been missing; zero where it is not. */
export function missingFor(lostAt: Instant | undefined, now: Instant): Duration {
  return milliseconds(lostAt === undefined ? 0 : Math.max(0, now - lostAt));
}
