import type { IpAddress, Network } from "../domain/addresses.ts";
import type { Device, DeviceId, Identity } from "../domain/camera.ts";
import { type Duration, instant, type Instant, milliseconds, minutes, seconds } from "../domain/duration.ts";
import { farAddresses, farRanges, hostsOf, rotated } from "../domain/far-search.ts";
import { type GuardLimits, mayAsk, maySweep, NO_SWEEPS, noteSweep, type SweepState } from "../domain/policy.ts";
import { sameEndpoint } from "../domain/realm.ts";
import type { Sighting } from "../domain/sighting.ts";
import { makersOf } from "../domain/vendor-id.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { IdentityCaller } from "../ports/identity-caller.ts";
import type { ConnectProber, EndpointProber, VendorProber } from "../ports/prober.ts";
import type { NeighbourSearch, ScanInterface } from "../ports/search.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Searches } from "./searches.ts";

const PARALLEL = 16;
/** For one address: its stream port, then who it is. */
const PORT_WITHIN = seconds(1);
const SAYS_WITHIN = seconds(2);
const ALL_WITHIN = seconds(30);
const CALL_WITHIN = seconds(2);
const FIRST_PAUSE = seconds(10);
const LONGEST_PAUSE = minutes(5);
const MISSED_AT_MOST = 256;

/** The one key of its loop. */
export type EverySearch = "identity";

export interface IdentitySearchPorts {
  readonly prober: ConnectProber & EndpointProber & VendorProber;
  readonly search: Pick<NeighbourSearch, "interfaces">;
  readonly callers: readonly IdentityCaller[];
  readonly clock: Clock;
  readonly random: Random;
  /** Interfaces that the options name; empty: every ordinary one. */
  readonly interfaces: readonly string[];
  readonly ranges: readonly Network[];
  readonly enabled: boolean;
  readonly guards: GuardLimits;
  /** Since when the device is missing and searched for; undefined where it is not. */
  readonly lostAt: (id: DeviceId) => Instant | undefined;
  /** Tells of everybody on the attached networks, within the budget of every search: see `Searches.census`. */
  readonly census: Searches["census"];
  readonly onSighting: (sighting: Sighting) => void;
  readonly enqueue: (key: EverySearch) => void;
}

interface Missed {
  readonly device: Pick<Device, "streamPort" | "onvifPorts" | "configuredMacs">;
  readonly identity: Identity;
  readonly former: readonly IpAddress[];
}

/**
 * Looks for missing devices by what they say of themselves: by calling them on the attached networks, by asking everybody there for those without a MAC
 * address of their own, and by asking address after address where this machine is on no network with them. Finds candidates; the verifier proves them.
 */
export class IdentitySearch implements Reconciler<EverySearch> {
  readonly name = "identity";
  readonly #ports: IdentitySearchPorts;
  readonly #missed = new Map<DeviceId, Missed>();
  readonly #called = new Map<DeviceId, Instant>();
  #sweeps: SweepState = NO_SWEEPS;
  #last: IpAddress | undefined;
  #rounds = 0;

  constructor(ports: IdentitySearchPorts) {
    this.#ports = ports;
  }

  /** The device is missing: it is searched for while `lostAt` says so. */
  want(device: Device, identity: Identity, former: readonly IpAddress[]): void {
    if (!this.#ports.enabled || (identity.endpoint === undefined && identity.uid === undefined)) return;
    const news = !this.#missed.has(device.id);
    if (news && this.#missed.size >= MISSED_AT_MOST) return;
    this.#missed.set(device.id, { device, identity, former });
    if (!news) return;
    this.#rounds = 0;
    this.#ports.enqueue("identity");
  }

  async reconcile(_key: EverySearch, signal: AbortSignal): Promise<Outcome> {
    const all = await this.#ports.search.interfaces(signal);
    await Promise.all([this.#call(all, signal), this.#ask(all, signal)]);
    const allowed = await this.#askPresent(all, signal);
    if (this.#wanted().length === 0) return {};
    this.#rounds += 1;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 1.5 ** Math.max(0, this.#rounds - 4));
    return { requeueAfter: milliseconds(Math.min(pause * (0.9 + 0.2 * this.#ports.random()), allowed ?? Infinity)) };
  }

  #wanted(): readonly (readonly [DeviceId, Missed])[] {
    for (const id of this.#missed.keys()) if (this.#ports.lostAt(id) === undefined) this.#missed.delete(id);
    return [...this.#missed];
  }

  /** By broadcast and multicast, on interfaces that may be searched. */
  async #call(all: readonly ScanInterface[], signal: AbortSignal): Promise<void> {
    const { callers, clock, guards, onSighting } = this.#ports;
    const usable = usableInterfaces(all, this.#ports.interfaces);
    for (const [id, { identity }] of this.#wanted()) {
      if (!mayAsk(this.#called.get(id), this.#now(), guards).ok) continue;
      this.#called.set(id, this.#now());
      const { endpoint, uid } = identity;
      const calls = callers.flatMap((caller) => {
        const heard = (what: Pick<Sighting, "endpoint" | "uid">) => (address: IpAddress) =>
          onSighting({ layer: "call", ...what, address, at: clock.now() });
        if (caller.by === "endpoint") {
          if (endpoint === undefined) return [];
          return usable.map((on) => caller.call(on, endpoint, CALL_WITHIN, heard({ endpoint }), signal));
        }
        return uid === undefined ? [] : usable.map((on) => caller.call(on, uid, CALL_WITHIN, heard({ uid }), signal));
      });
      await Promise.all(calls);
    }
  }

  /** Address by address: former ones whenever one is missing, the named networks within the budget of every search. */
  async #ask(all: readonly ScanInterface[], signal: AbortSignal): Promise<void> {
    const { ranges, guards } = this.#ports;
    const attached = all.map((on) => on.network);
    const former = this.#wanted().map(([, missed]) => farAddresses(missed.former, attached));
    const near = [...new Set(former.flat())];
    const parts = farRanges(ranges, former.flat(), attached);
    if (near.length === 0 && parts.length === 0) return;
    const ended = new AbortController();
    const deadline = this.#ports.clock.deadline("asking far addresses", ALL_WITHIN, AbortSignal.any([signal, ended.signal]));
    try {
      if (near.length > 0) await this.#walk(near, deadline, signal);
      const lost = this.#wanted().flatMap(([id]) => this.#ports.lostAt(id) ?? []);
      const now = this.#now();
      if (parts.length === 0 || lost.length === 0 || !maySweep(this.#sweeps, instant(Math.max(...lost)), now, guards).ok) return;
      this.#sweeps = noteSweep(this.#sweeps, now, false);
      const targets = rotated(parts.flatMap(hostsOf), this.#last).filter((address) => !near.includes(address));
      const found = await this.#walk(targets, deadline, signal);
      if (found) this.#sweeps = { ...this.#sweeps, misses: 0 };
    } finally {
      ended.abort();
    }
  }

  /**
   * A camera behind a repeater is on an attached network, but the repeater's MAC address says nothing of it, and no call passes through: everybody who is
   * present there is asked.
   * @returns when that is allowed again, where it was not
   */
  async #askPresent(all: readonly ScanInterface[], signal: AbortSignal): Promise<Duration | undefined> {
    const { clock, lostAt, census } = this.#ports;
    const attached = all.map((on) => on.network);
    const masked = this.#wanted().filter(
      ([, { device, identity, former }]) =>
        identity.macs.length + device.configuredMacs.length === 0 && farAddresses(former, attached).length < former.length,
    );
    const lost = masked.flatMap(([id]) => lostAt(id) ?? []);
    if (lost.length === 0) return undefined;
    const present = new Set<IpAddress>();
    const near = masked.flatMap(([, { former }]) => former);
    const pause = await census(near, instant(Math.max(...lost)), ({ address }) => void present.add(address), signal);
    if (pause !== undefined) return pause;
    const ended = new AbortController();
    try {
      const deadline = clock.deadline("asking those who are present", ALL_WITHIN, AbortSignal.any([signal, ended.signal]));
      await this.#walk([...present], deadline, signal);
    } finally {
      ended.abort();
    }
    return undefined;
  }

  /**
   * Asks sixteen at a time until the deadline. What was found is told at the end and together: of two devices that say the same of themselves neither must be
   * taken before the other was heard.
   * @returns whether anything was found
   */
  async #walk(targets: readonly IpAddress[], deadline: AbortSignal, signal: AbortSignal): Promise<boolean> {
    const found: Sighting[] = [];
    const queue = targets.values();
    const lane = async (): Promise<void> => {
      for (const address of queue) {
        if (deadline.aborted) return;
        // Cameras that moved together are missed one after the other.
        const missed = this.#wanted().map(([, one]) => one);
        if (missed.length === 0) return;
        found.push(...(await this.#who(address, missed, deadline)));
        this.#last = address;
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, lane)).catch((error: unknown) => {
      if (!deadline.aborted) throw error;
    });
    signal.throwIfAborted();
    for (const sighting of found) this.#ports.onSighting(sighting);
    return found.length > 0;
  }

  /** Whether one of the missing devices is there: only an address where a stream could be read is asked who it is. */
  async #who(address: IpAddress, missed: readonly Missed[], signal: AbortSignal): Promise<readonly Sighting[]> {
    const { prober, clock } = this.#ports;
    const ports = [...new Set(missed.map((one) => one.device.streamPort))].slice(0, 4);
    const readings = await Promise.all(ports.map((port) => prober.connect(address, port, PORT_WITHIN, signal)));
    if (!readings.includes("open")) return [];
    const onvifPorts = [...new Set(missed.flatMap((one) => one.device.onvifPorts))];
    const makers = [...new Set(missed.flatMap(({ identity }) => (identity.uid === undefined ? [] : makersOf(identity.uid))))];
    const wantsEndpoint = missed.some(({ identity }) => identity.endpoint !== undefined);
    const [endpoint, vendor] = await Promise.all([
      wantsEndpoint ? prober.endpoint(address, onvifPorts, SAYS_WITHIN, signal) : undefined,
      makers.length > 0 ? prober.vendor(address, makers, SAYS_WITHIN, signal) : undefined,
    ]);
    const isWanted = (fits: (identity: Identity) => boolean): boolean => missed.some((one) => fits(one.identity));
    const here = { layer: "far", address, at: clock.now() } as const;
    const sightings: Sighting[] = [];
    if (endpoint !== undefined && isWanted((one) => one.endpoint !== undefined && sameEndpoint(one.endpoint, endpoint)))
      sightings.push({ ...here, endpoint });
    if (vendor !== undefined && isWanted((one) => one.uid === vendor.uid)) sightings.push({ ...here, uid: vendor.uid });
    return sightings;
  }

  #now(): Instant {
    return instant(this.#ports.clock.monotonic());
  }
}

/** Interfaces that may be searched: those that the options name, else every ordinary one. */
export function usableInterfaces(all: readonly ScanInterface[], named: readonly string[]): readonly ScanInterface[] {
  return all.filter((one) => (named.length === 0 ? one.avoid === undefined : named.includes(one.name)));
}
