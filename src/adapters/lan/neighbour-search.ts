import {
  ipToNumber,
  networkContains,
  networkOf,
  networkSize,
  numberToIp,
  type IpAddress,
  type MacAddress,
  type Network,
} from "../../domain/addresses.ts";
import { milliseconds, seconds, type Duration } from "../../domain/duration.ts";
import type { Layer, MacSighting } from "../../domain/sighting.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NeighbourProber } from "../../ports/prober.ts";
import type { NeighbourSearch, ScanInterface, SweepReport } from "../../ports/search.ts";
import type { ArpScan } from "./arp-scan.ts";
import type { Interfaces } from "./interfaces.ts";
import type { NeighbourEntry, KernelNeighbourTable } from "./neighbour-table.ts";
import type { UdpPoke } from "./udp-poke.ts";

/** The kernel asks three times, one second apart, and a slow host may answer the last request. */
const ABSENT_AFTER = milliseconds(3200);
/** A larger sweep would overflow the neighbour table, and last minutes. */
const LARGEST_POKE = 22;
const LARGEST_ASK = 16;
const LOOK_FAST = milliseconds(6);
const FAST_PHASE = milliseconds(300);
const LOOK_SLOWLY = milliseconds(40);
/** The sweep itself comes first: a camera that moved is found by it long before its old address is asked. */
const DOUBT_AFTER = milliseconds(120);
/** A MAC at more addresses than these proves nothing anyway. */
const MOST_DOUBTED = 8;

export interface NeighbourSearchParts {
  readonly clock: Clock;
  readonly table: KernelNeighbourTable;
  readonly interfaces: Interfaces;
  readonly arpScan: ArpScan;
  readonly poke: UdpPoke;
  /** Asks the addresses that the table gave a wanted MAC before the sweep. */
  readonly prober: NeighbourProber;
}

/** Looks for MAC addresses by asking them, or by making the kernel resolve everybody. */
export class LanSearch implements NeighbourSearch {
  readonly #parts: NeighbourSearchParts;

  constructor(parts: NeighbourSearchParts) {
    this.#parts = parts;
  }

  async interfaces(signal: AbortSignal): Promise<readonly ScanInterface[]> {
    signal.throwIfAborted();
    return this.#parts.interfaces.scannable();
  }

  async gateways(signal: AbortSignal): Promise<readonly IpAddress[]> {
    signal.throwIfAborted();
    return this.#parts.interfaces.gateways();
  }

  async ask(on: ScanInterface, mac: MacAddress, onSighting: (sighting: MacSighting) => void, signal: AbortSignal): Promise<SweepReport> {
    const network = atMost(LARGEST_ASK, on.network, on.address);
    const tell = this.#teller("ask", onSighting);
    const entries = (await this.#parts.table.quick()).filter((one) => one.device === on.name);
    const how = manyAddressed(entries).has(mac) ? "every" : "first";
    const complete = await this.#parts.arpScan.askMac(on, network, mac, how, (reply) => tell(reply.mac, reply.address), signal);
    // Raw requests make no neighbour entries, so they cannot overflow the table.
    return { probed: networkSize(network), overflows: 0, complete };
  }

  poke(
    on: ScanInterface,
    network: Network,
    wanted: readonly MacAddress[],
    onSighting: (sighting: MacSighting) => void,
    signal: AbortSignal,
  ): Promise<SweepReport> {
    return this.#sweep(on, network, { wanted: new Set(wanted), everybody: false }, onSighting, signal);
  }

  census(on: ScanInterface, network: Network, onSighting: (sighting: MacSighting) => void, signal: AbortSignal): Promise<SweepReport> {
    return this.#sweep(on, network, { wanted: new Set(), everybody: true }, onSighting, signal);
  }

  async #sweep(
    on: ScanInterface,
    network: Network,
    whom: Pick<Sweep, "wanted" | "everybody">,
    onSighting: (sighting: MacSighting) => void,
    signal: AbortSignal,
  ): Promise<SweepReport> {
    signal.throwIfAborted();
    const { table, poke } = this.#parts;
    const range = atMost(LARGEST_POKE, network, on.address);
    const overflowsBefore = table.overflows(signal).catch(ignore);
    const entries = (await table.quick()).filter((one) => one.device === on.name);
    const sweep: Sweep = {
      on,
      range,
      ...whom,
      before: new Map(entries.map((one) => [one.address, one])),
      many: manyAddressed(entries),
      found: new Set(),
      tell: this.#teller("poke", onSighting),
    };
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const poking = poke.sweep(targets(range, on.address), either);
    const doubting = this.#askDoubted(sweep, either);
    // Its failure is told below, after the sweep, and must not count as unhandled until then.
    doubting.catch(ignore);
    const complete = await this.#look(sweep, poking, signal).finally(() => stop.abort());
    const probed = await poking;
    await doubting;
    const [before, after] = [await overflowsBefore, await table.overflows(signal)];
    return { probed, overflows: before === undefined || after === undefined ? 0 : after - before, complete };
  }

  /** Reads the table until all wanted were seen, or nothing can come any more. */
  async #look(sweep: Sweep, poking: Promise<number>, signal: AbortSignal): Promise<boolean> {
    const { clock, table } = this.#parts;
    const started = clock.monotonic();
    const state: { lastPoke?: Duration } = {};
    const ended = (): void => {
      state.lastPoke = clock.monotonic();
    };
    // Where it failed, the caller learns that from `poking` itself.
    poking.then(ended, ended);
    for (;;) {
      signal.throwIfAborted();
      // Read after the time: what comes between the two is then seen by this last look.
      const now = clock.monotonic();
      for (const entry of await table.quick()) this.#judge(sweep, entry);
      const complete = isComplete(sweep);
      if (complete && [...sweep.wanted].every((mac) => !sweep.many.has(mac))) return true;
      if (state.lastPoke !== undefined && now - state.lastPoke >= ABSENT_AFTER) return complete;
      await clock.wait("neighbour sweep", now - started < FAST_PHASE ? LOOK_FAST : LOOK_SLOWLY, signal);
    }
  }

  /** Counts an entry that came, or changed its MAC, since the sweep began. One that was there before is `askDoubted`'s. */
  #judge(sweep: Sweep, entry: NeighbourEntry): void {
    if (entry.mac === undefined || entry.device !== sweep.on.name || !networkContains(sweep.range, entry.address)) return;
    if (sweep.everybody) return sweep.tell(entry.mac, entry.address);
    if (!sweep.wanted.has(entry.mac) || sweep.before.get(entry.address)?.mac === entry.mac) return;
    sweep.found.add(entry.mac);
    sweep.tell(entry.mac, entry.address);
  }

  /** The table gave a wanted MAC to these addresses before; the camera may be there, or may have left. */
  async #askDoubted(sweep: Sweep, signal: AbortSignal): Promise<void> {
    const { clock, prober } = this.#parts;
    const doubted = [...sweep.before.values()].filter(
      ({ mac, address }) => mac !== undefined && sweep.wanted.has(mac) && networkContains(sweep.range, address),
    );
    if (doubted.length === 0) return;
    try {
      await clock.wait("old neighbour entries", DOUBT_AFTER, signal);
      const within = milliseconds(ABSENT_AFTER - DOUBT_AFTER - seconds(0.1));
      await Promise.all(
        doubted.slice(0, MOST_DOUBTED).map(async ({ address }) => {
          const reading = await prober.neighbour(address, [...sweep.wanted], within, signal);
          if (reading.found !== "mac" || !sweep.wanted.has(reading.mac)) return;
          sweep.found.add(reading.mac);
          sweep.tell(reading.mac, address);
        }),
      );
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Tells each pair of MAC and address once. */
  #teller(layer: Layer, onSighting: (sighting: MacSighting) => void): (mac: MacAddress, address: IpAddress) => void {
    const told = new Set<string>();
    return (mac, address) => {
      const pair = `${mac} ${address}`;
      if (told.has(pair)) return;
      told.add(pair);
      onSighting({ layer, mac, address, at: this.#parts.clock.now() });
    };
  }
}

/** One sweep under way. */
interface Sweep {
  readonly on: ScanInterface;
  readonly range: Network;
  readonly wanted: ReadonlySet<MacAddress>;
  /** Whoever is there is told of, also from what the table knew before. */
  readonly everybody: boolean;
  /** The interface's entries when it began. */
  readonly before: ReadonlyMap<IpAddress, NeighbourEntry>;
  /** MAC addresses of which a find is not the end: see `manyAddressed`. */
  readonly many: ReadonlySet<MacAddress>;
  readonly found: Set<MacAddress>;
  readonly tell: (mac: MacAddress, address: IpAddress) => void;
}

/** MAC addresses that have several addresses: a repeater's answers for every camera behind it, so that the first found may not be the wanted one's. */
function manyAddressed(entries: readonly NeighbourEntry[]): ReadonlySet<MacAddress> {
  const macs = entries.flatMap(({ mac }) => mac ?? []);
  return new Set(macs.filter((mac, index) => macs.indexOf(mac) !== index));
}

function isComplete(sweep: Sweep): boolean {
  return sweep.wanted.size > 0 && sweep.found.size >= sweep.wanted.size;
}

/** The network itself, or where it is larger the part of it with `prefix` bits around `near`, else its first such part. */
function atMost(prefix: number, network: Network, near: IpAddress): Network {
  if (network.prefix >= prefix) return network;
  return networkContains(network, near) ? networkOf(near, prefix) : { base: network.base, prefix };
}

/** Every host address of the network but our own. */
export function targets(network: Network, own: IpAddress): IpAddress[] {
  const spare = network.prefix >= 31 ? 0 : 1;
  const first = network.base + spare;
  const count = networkSize(network) - 2 * spare;
  const self = ipToNumber(own);
  return Array.from({ length: count }, (_, index) => first + index)
    .filter((number) => number !== self)
    .map(numberToIp);
}

function ignore(): undefined {
  return undefined;
}
