import type { IpAddress, MacAddress } from "../../../src/domain/addresses.ts";
import { milliseconds, type Duration, type Instant } from "../../../src/domain/duration.ts";
import type { NeighbourTable } from "../../../src/ports/neighbour-table.ts";
import type { ConnectReading, GreetingReading, LoginReading, NeighbourReading, Prober } from "../../../src/ports/prober.ts";
import type { FakeClock } from "../../fakes/fake-clock.ts";

/** One thing with an Ethernet port, as it is in truth. Mutable: it lives. */
export interface Host {
  readonly name: string;
  /** The index of the configured device that it truly is. */
  readonly device?: number;
  readonly nics: { readonly mac: MacAddress; address: IpAddress | undefined }[];
  endpoint?: string;
  realm: string;
  schemes: readonly ("digest" | "basic")[];
  /** Undefined: it says yes to every password, as an impostor does. */
  password?: string;
  /** On a routed network: no ARP from here reaches it. */
  readonly routed: boolean;
  portOpen: boolean;
  up: boolean;
  frozen: boolean;
  /** Before each of its answers. */
  delay: number;
  /** When it last took an address. */
  since: number;
}

export type Asked = { readonly device: number; readonly address: IpAddress; readonly at: number } & (
  | { readonly proof: "neighbour"; readonly reading: NeighbourReading }
  | { readonly proof: "connect"; readonly reading: ConnectReading }
  | { readonly proof: "endpoint"; readonly reading: string | undefined }
  | { readonly proof: "greeting"; readonly reading: GreetingReading }
  | { readonly proof: "login"; readonly to: Host; readonly sent: boolean; readonly entryChangedAt: number }
);

interface Entry {
  mac: MacAddress;
  confirmedAt: number;
  changedAt: number;
}

const GATEWAY = "0c:00:00:00:00:fe" as MacAddress;
/** The kernel believes an entry for so long without asking again (arp(7), base_reachable_time with its spread). */
const BELIEVED = 30_000;

/** A LAN without sockets: hosts, one machine's neighbour table, a router that may proxy. Every question is answered as that machine would see it. */
export class SimulatedLan implements NeighbourTable {
  readonly hosts: Host[] = [];
  readonly asked: Asked[] = [];
  proxying = false;
  /** The prober reads the table as it is, instead of making the kernel confirm an entry anew. */
  lyingTable = false;
  readonly #clock: FakeClock;
  readonly #random: () => number;
  readonly #table = new Map<IpAddress, Entry>();

  constructor(clock: FakeClock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get now(): number {
    return this.#clock.monotonic();
  }

  wallToMonotonic(at: Instant): number {
    return at - (this.#clock.now() - this.now);
  }

  holders(address: IpAddress): readonly Host[] {
    return this.hosts.filter((host) => host.up && host.nics.some((nic) => nic.address === address));
  }

  /** A host takes an address; it may announce that, which only entries that exist already hear. */
  take(host: Host, nic: number, address: IpAddress | undefined, announces: boolean): void {
    const taken = host.nics[nic];
    if (taken === undefined) throw new RangeError(`${host.name} has no interface ${nic}`);
    taken.address = address;
    host.since = this.now;
    if (announces && address !== undefined && this.#table.has(address)) this.#learn(address, taken.mac);
  }

  /** The MAC that the table has for an address now, believed or not. */
  entry(address: IpAddress): MacAddress | undefined {
    return this.#table.get(address)?.mac;
  }

  async macOf(address: IpAddress): Promise<MacAddress | undefined> {
    return this.entry(address);
  }

  /** Who an IP packet to the address reaches: the host that the believed MAC belongs to, if it holds the address (still). */
  reached(address: IpAddress): Host | undefined {
    const routed = this.hosts.find((host) => host.routed && host.up && host.nics.some((nic) => nic.address === address));
    if (routed !== undefined || isRouted(address)) return routed;
    const entry = this.#table.get(address);
    const mac = entry !== undefined && this.now - entry.confirmedAt < BELIEVED ? entry.mac : this.#arp(address);
    if (mac === undefined) return undefined;
    const holders = this.holders(address);
    return mac === GATEWAY ? holders[0] : holders.find((host) => host.nics.some((nic) => nic.mac === mac));
  }

  /** Every address at which the MAC answers ARP just now: what asking a MAC finds. */
  answersFor(mac: MacAddress): readonly IpAddress[] {
    return this.hosts
      .filter((host) => host.up && !host.routed && host.nics.some((nic) => nic.mac === mac))
      .flatMap((host) => host.nics.flatMap((nic) => nic.address ?? []));
  }

  /** The prober, with what it is asked written down as asked for one device. */
  proberFor(device: number): Prober {
    return {
      neighbour: (address, wanted, within, signal) => this.#neighbour(device, address, wanted, within, signal),
      connect: (address, _port, within, signal) => this.#connect(device, address, within, signal),
      endpoint: (address, _ports, within, signal) => this.#endpoint(device, address, within, signal),
      vendor: async () => undefined,
      onvifPort: async () => undefined,
      greeting: (address, _port, _path, within, signal) => this.#greeting(device, address, within, signal),
      login: (url, allowBasic, within, signal) => this.#login(device, url, allowBasic, within, signal),
    };
  }

  async #neighbour(
    device: number,
    address: IpAddress,
    wanted: readonly MacAddress[],
    within: Duration,
    signal: AbortSignal,
  ): Promise<NeighbourReading> {
    const end = this.now + within;
    let reading: NeighbourReading = { found: "nobody" };
    for (;;) {
      if (isRouted(address)) {
        reading = { found: "no-layer-2" };
        break;
      }
      const entry = this.#table.get(address);
      const mac = this.lyingTable && entry !== undefined && this.now - entry.confirmedAt < BELIEVED ? entry.mac : this.#arp(address);
      const delay = this.holders(address)[0]?.delay ?? 0;
      if (mac !== undefined && this.now + delay <= end) {
        await this.#pause(delay, signal);
        const addressesOfMac = [...this.#table].filter(([, one]) => one.mac === mac).map(([one]) => one);
        reading = { found: "mac", mac, gateway: mac === GATEWAY, addressesOfMac };
        if (wanted.includes(mac)) break;
      } else if (mac === undefined) {
        reading = { found: "nobody" };
      }
      const left = end - this.now;
      if (left <= 0) break;
      await this.#pause(Math.min(left, 700), signal);
    }
    this.asked.push({ device, proof: "neighbour", address, at: this.now, reading });
    return reading;
  }

  async #connect(device: number, address: IpAddress, within: Duration, signal: AbortSignal): Promise<ConnectReading> {
    const host = await this.#answering(address, within, signal);
    const reading = host === undefined ? "timeout" : host.portOpen ? "open" : "refused";
    this.asked.push({ device, proof: "connect", address, at: this.now, reading });
    return reading;
  }

  async #endpoint(device: number, address: IpAddress, within: Duration, signal: AbortSignal): Promise<string | undefined> {
    const host = await this.#answering(address, within, signal);
    if (host !== undefined && host.endpoint === undefined) await this.#pause(200, signal);
    const reading = host?.endpoint;
    this.asked.push({ device, proof: "endpoint", address, at: this.now, reading });
    return reading;
  }

  async #greeting(device: number, address: IpAddress, within: Duration, signal: AbortSignal): Promise<GreetingReading> {
    const host = await this.#answering(address, within, signal);
    const reading: GreetingReading =
      host === undefined || !host.portOpen ? { kind: "no-answer" } : { kind: "challenge", schemes: host.schemes, realm: host.realm };
    this.asked.push({ device, proof: "greeting", address, at: this.now, reading });
    return reading;
  }

  async #login(device: number, url: string, allowBasic: boolean, within: Duration, signal: AbortSignal): Promise<LoginReading> {
    const [, password, text] = /^rtsp:\/\/viewer:([^@]+)@([\d.]+):554\/main$/.exec(url) ?? [];
    const address = text as IpAddress;
    const host = await this.#answering(address, within, signal);
    if (host === undefined || !host.portOpen) return "no-answer";
    const sent = host.schemes.includes("digest") || allowBasic;
    const entryChangedAt = this.#table.get(address)?.changedAt ?? 0;
    this.asked.push({ device, proof: "login", address, at: this.now, to: host, sent, entryChangedAt });
    if (!sent) return "basic-only";
    return host.password === undefined || host.password === password ? "accepted" : "unauthorized";
  }

  async #answering(address: IpAddress, within: Duration, signal: AbortSignal): Promise<Host | undefined> {
    const delay = this.reached(address)?.delay ?? 0;
    await this.#pause(Math.min(delay, within), signal);
    const host = this.reached(address);
    if (host === undefined) await this.#pause(Math.max(0, within - delay), signal);
    return host;
  }

  /** An ARP request: whoever answers first is believed. A host answers with any of its interfaces (arp_ignore=0). */
  #arp(address: IpAddress): MacAddress | undefined {
    const answers = this.holders(address)
      .filter((host) => !host.routed)
      .map((host) => this.#pick(host.nics.map((nic) => nic.mac)));
    if (this.proxying && (answers.length === 0 || this.#random() < 0.5)) answers.push(GATEWAY);
    if (answers.length === 0) {
      this.#table.delete(address);
      return undefined;
    }
    const mac = answers.includes(GATEWAY) ? GATEWAY : this.#pick(answers);
    this.#learn(address, mac);
    return mac;
  }

  #learn(address: IpAddress, mac: MacAddress): void {
    const known = this.#table.get(address);
    this.#table.set(address, { mac, confirmedAt: this.now, changedAt: known?.mac === mac ? known.changedAt : this.now });
  }

  #pick<T>(list: readonly T[]): T {
    const one = list[Math.floor(this.#random() * list.length)];
    if (one === undefined) throw new RangeError("nothing to pick from");
    return one;
  }

  async #pause(span: number, signal: AbortSignal): Promise<void> {
    if (span > 0) await this.#clock.wait("lan", milliseconds(span), signal);
    else signal.throwIfAborted();
  }
}

/** Addresses behind a router. */
export function isRouted(address: IpAddress): boolean {
  return address.startsWith("10.");
}
