import type { IpAddress, Network } from "../domain/addresses.ts";
import type { Adoption } from "../domain/adoption.ts";
import { adoptionAsk, adoptionWords } from "../domain/adoption-words.ts";
import type { Device, DeviceId, Identity } from "../domain/camera.ts";
import { type Duration, instant, milliseconds, minutes, seconds } from "../domain/duration.ts";
import { farAddresses, farRanges, hostsOf, rotated } from "../domain/far-search.ts";
import { type GuardLimits, maySweep, NO_SWEEPS, noteSweep, type SweepState } from "../domain/policy.ts";
import { judgeUnproved, type SaidThere, type Unproved as Judged } from "../domain/unproved.ts";
import { makersOf } from "../domain/vendor-id.ts";
import type { Clock } from "../ports/clock.ts";
import type { ConnectProber, EndpointProber, NeighbourProber, RtspProber, VendorProber } from "../ports/prober.ts";
import type { Registry } from "../ports/registry.ts";
import type { NeighbourSearch } from "../ports/search.ts";
import type { Status } from "../ports/status.ts";
import type { Fleet } from "./fleet.ts";

const PARALLEL = 16;
const PORT_WITHIN = seconds(1);
const SAYS_WITHIN = seconds(2);
const ALL_WITHIN = seconds(30);
const LOOK_AGAIN = minutes(5);
/** What is noticed again and again is asked again no sooner, and something new no sooner than this. */
const PAUSE = minutes(1);
const NEWS_PAUSE = seconds(5);
/** So many addresses are remembered of a camera, and so many cameras. */
const KEPT = 16;
const MISSED = 64;

export interface UnprovedPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly prober: ConnectProber & EndpointProber & RtspProber & NeighbourProber & VendorProber;
  readonly search: Pick<NeighbourSearch, "interfaces">;
  readonly clock: Clock;
  readonly status: Status;
  readonly ranges: readonly Network[];
  readonly enabled: boolean;
  readonly guards: GuardLimits;
  readonly enqueue: () => void;
}

type Proposal = Extract<Adoption, { readonly kind: "address" }>;
type Fit = Extract<Judged, { readonly kind: "fits" }>;

/**
 * Finds where a camera may be that nothing can prove there: behind a router no MAC address is seen, and it says nothing of itself that is its own. What fits
 * becomes a proposal, which a person confirms. Sends no credential.
 */
export class Unproved {
  readonly #ports: UnprovedPorts;
  /** Cameras that could not be proved, with the addresses at which they may be. */
  readonly #missed = new Map<DeviceId, Set<IpAddress>>();
  /** What was said of them when they were noticed last: another word is news. */
  readonly #reasons = new Map<DeviceId, string>();
  readonly #fits = new Map<DeviceId, ReadonlyMap<IpAddress, Fit>>();
  #sweeps: SweepState = NO_SWEEPS;
  #last: IpAddress | undefined;
  #looked: Duration | undefined;
  #isNews = false;

  constructor(ports: UnprovedPorts) {
    this.#ports = ports;
  }

  /** Nothing proves the camera at the address, or nothing was ever learned of it. */
  noticed(id: DeviceId, address?: IpAddress): void {
    const known = this.#missed.get(id);
    if (!this.#ports.enabled || (known === undefined && this.#missed.size >= MISSED)) return;
    const reason = this.#ports.status.get(`device/${id}`)?.reason ?? "";
    const isNews = known === undefined || this.#reasons.get(id) !== reason || (address !== undefined && !known.has(address));
    this.#missed.set(id, new Set([...[...(known ?? [])].slice(-KEPT), ...(address === undefined ? [] : [address])]));
    this.#reasons.set(id, reason);
    this.#isNews ||= isNews;
    if (isNews || this.#pause() === 0) this.#ports.enqueue();
  }

  /** What waits for a person. */
  get proposals(): readonly Proposal[] {
    return [...this.#fits].flatMap(([camera, fits]) => {
      if (fits.size === 0 || this.#ports.fleet.settled(camera) !== undefined) return [];
      const rivals = [...this.#fits].flatMap(([other, its]) =>
        other !== camera && [...its.keys()].some((address) => fits.has(address)) ? [other] : [],
      );
      return [{ kind: "address" as const, camera, devices: [...fits].map(([address, { says }]) => ({ address, says })), rivals }];
    });
  }

  /** What the device said that was proposed for the camera at the address. */
  saidAt(id: DeviceId, address: IpAddress): SaidThere | undefined {
    return this.#fits.get(id)?.get(address)?.said;
  }

  forget(id: DeviceId): void {
    this.#missed.delete(id);
    this.#fits.delete(id);
    this.#reasons.delete(id);
    this.#show(id);
  }

  /** How long to wait before they may be asked again. */
  #pause(): Duration {
    const again = (this.#looked ?? -Infinity) + (this.#isNews ? NEWS_PAUSE : PAUSE);
    return milliseconds(Math.max(0, again - this.#ports.clock.monotonic()));
  }

  /** Looks for the cameras that are missed. @returns when to look again; undefined where none is missed */
  async look(signal: AbortSignal): Promise<Duration | undefined> {
    const { fleet, clock } = this.#ports;
    for (const id of this.#missed.keys()) if (fleet.device(id) === undefined || fleet.settled(id) !== undefined) this.forget(id);
    if (this.#missed.size === 0) return undefined;
    const pause = this.#pause();
    if (pause > 0) return pause;
    this.#looked = clock.monotonic();
    this.#isNews = false;
    const gone: Device[] = [];
    for (const id of this.#missed.keys()) {
      const device = fleet.device(id);
      const current = device === undefined ? undefined : fleet.addressOf(device);
      if (device === undefined || current === undefined || device.battery === true) continue;
      const there = await this.judge(device, current, signal);
      if (there.kind === "refused") gone.push(device);
      else this.#fits.delete(id);
    }
    const open = gone.length === 0 ? [] : await this.#walk(gone, signal);
    for (const device of gone) {
      const claimed = this.claims(device);
      const addresses = new Set<IpAddress>([...(this.#fits.get(device.id)?.keys() ?? []), ...(this.#missed.get(device.id) ?? []), ...open]);
      const here = [...addresses].filter((address) => !claimed.has(address) && address !== fleet.addressOf(device)).slice(0, KEPT);
      const judged = await Promise.all(here.map(async (address) => [address, await this.judge(device, address, signal)] as const));
      this.#fits.set(device.id, new Map(judged.flatMap(([address, one]) => (one.kind === "fits" ? [[address, one] as const] : []))));
    }
    for (const id of this.#missed.keys()) this.#show(id);
    return gone.length === 0 ? undefined : LOOK_AGAIN;
  }

  /** Asks a device all that needs no password, and who answers there. @throws the signal's reason when aborted */
  async judge(
    device: Device,
    address: IpAddress,
    signal: AbortSignal,
    known: (device: Device) => Identity = (one) => this.#ports.fleet.identityOf(one),
  ): Promise<Judged> {
    const { prober, fleet, registry } = this.#ports;
    const refused = registry.device(device.id)?.refusedLogin;
    const connect = await prober.connect(address, device.streamPort, PORT_WITHIN, signal);
    const isOpen = connect === "open";
    const [endpoint, vendor, greeting, neighbour] = await Promise.all([
      isOpen ? prober.endpoint(address, device.onvifPorts, SAYS_WITHIN, signal) : undefined,
      isOpen ? prober.vendor(address, makersOf(undefined), SAYS_WITHIN, signal) : undefined,
      isOpen ? prober.greeting(address, device.streamPort, device.streamPath, SAYS_WITHIN, signal) : ({ kind: "no-answer" } as const),
      prober.neighbour(address, [], PORT_WITHIN, signal),
    ]);
    if (refused?.address === address) return { kind: "refused", reason: "LoginRefused", why: "it refused the camera's password before" };
    if (neighbour.found === "mac" && neighbour.gateway)
      return { kind: "refused", reason: "MacVoid", why: "it is the gateway, or behind it" };
    if (neighbour.found === "mac" && neighbour.addressesOfMac.length < 3) {
      const why = `its MAC address can be seen: if it is the camera, say that instead of its address: ${neighbour.mac}`;
      return { kind: "refused", reason: "AdoptionUnclear", why };
    }
    const peers = fleet.devices.filter((other) => other.id !== device.id).map(known);
    return judgeUnproved(device, known(device), peers, { connect, endpoint, uid: vendor?.uid, greeting });
  }

  /** Addresses that other cameras have, disabled ones included, and whose they are. */
  claims(device: Device): ReadonlyMap<IpAddress, string> {
    const { fleet } = this.#ports;
    const own = new Set([device.addresses, fleet.addressOf(device) ?? []].flat());
    const written = fleet.documents.flatMap(({ reading }) =>
      reading.occurrences.map((one) => [one.address, "a camera of the documents"] as const),
    );
    const others = fleet.devices
      .filter((other) => other.id !== device.id)
      .flatMap((other) => [...other.addresses, fleet.addressOf(other)].map((address) => [address, other.title] as const));
    return new Map(
      [...written, ...others].flatMap(([address, by]) => (address === undefined || own.has(address) ? [] : [[address, by] as const])),
    );
  }

  /** The named networks that are not attached, within the budget of every search. @returns where one of the stream ports is open */
  async #walk(gone: readonly Device[], signal: AbortSignal): Promise<readonly IpAddress[]> {
    const { search, ranges, guards, clock, prober, fleet } = this.#ports;
    const attached = (await search.interfaces(signal)).map((on) => on.network);
    const former = gone.flatMap((device) => [device.addresses, fleet.addressOf(device) ?? []].flat());
    const far = farAddresses(former, attached);
    const parts = far.length === 0 ? [] : farRanges(ranges, far, attached);
    const now = instant(clock.monotonic());
    if (parts.length === 0 || !maySweep(this.#sweeps, undefined, now, guards).ok) return [];
    const ports = [...new Set(gone.map(({ streamPort }) => streamPort))].slice(0, 4);
    const open: IpAddress[] = [];
    const queue = rotated(parts.flatMap(hostsOf), this.#last).values();
    const ended = new AbortController();
    const deadline = clock.deadline("looking for cameras that nothing proves", ALL_WITHIN, AbortSignal.any([signal, ended.signal]));
    const lane = async (): Promise<void> => {
      for (const address of queue) {
        if (deadline.aborted) return;
        const readings = await Promise.all(ports.map((port) => prober.connect(address, port, PORT_WITHIN, deadline)));
        if (readings.includes("open")) open.push(address);
        this.#last = address;
      }
    };
    try {
      await Promise.all(Array.from({ length: PARALLEL }, lane)).catch((error: unknown) => {
        if (!deadline.aborted) throw error;
      });
    } finally {
      ended.abort();
    }
    signal.throwIfAborted();
    this.#sweeps = noteSweep(this.#sweeps, now, open.length > 0);
    return open;
  }

  #show(id: DeviceId): void {
    const { status, registry, fleet } = this.#ports;
    const proposal = this.proposals.find((one) => one.camera === id);
    const words = proposal === undefined ? "" : adoptionWords(proposal, (other) => fleet.device(other)?.title ?? other);
    const shown = status.get(`adopt/${id}`)?.reason;
    // A device that can be told by its MAC address comes first.
    if (proposal !== undefined && shown !== "AdoptionProposed" && shown !== "AdoptionUnclear")
      status.set(`adopt/${id}`, "problem", "AddressUnproved", words, adoptionAsk(proposal));
    if (words === "" && shown === "AddressUnproved") status.clear(`adopt/${id}`);
    if ((registry.consents.fact(unprovedFact(id)) ?? "") !== words) registry.consents.saveFact(unprovedFact(id), words);
  }
}

/** The name of what is remembered of a camera's proposal, in words for `check`; empty where there is none. */
export const unprovedFact = (id: DeviceId): string => `unproved-address ${id}`;
