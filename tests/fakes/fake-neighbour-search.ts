import { type IpAddress, type MacAddress, type Network, networkContains, networkOf, networkSize } from "../../src/domain/addresses.ts";
import { milliseconds, seconds, type Duration } from "../../src/domain/duration.ts";
import type { MacSighting } from "../../src/domain/sighting.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { NeighbourSearch, ScanInterface, SweepReport } from "../../src/ports/search.ts";
import { LayerUnavailable } from "../../src/ports/sightings.ts";

/** How long finding one, and not finding all of them, take. */
const FOUND_AFTER = milliseconds(50);
const ABSENT_AFTER = milliseconds(3200);

export interface Asked {
  readonly interface: string;
  readonly mac: MacAddress;
  readonly network: Network;
  readonly at: Duration;
}

export interface Poked {
  readonly interface: string;
  readonly network: Network;
  readonly wanted: readonly MacAddress[];
  readonly at: Duration;
}

export const LAN_INTERFACE: ScanInterface = {
  name: "eth0",
  mac: "02:00:00:00:00:01" as MacAddress,
  address: "192.168.1.2" as IpAddress,
  network: networkOf("192.168.1.2" as IpAddress, 24),
};

/** Searches in memory: finds whoever the test says answers, and writes down what was asked. */
export class FakeNeighbourSearch implements NeighbourSearch {
  readonly asked: Asked[] = [];
  readonly censuses: Pick<Asked, "interface" | "network" | "at">[] = [];
  readonly poked: Poked[] = [];
  on: readonly ScanInterface[] = [LAN_INTERFACE];
  /** The default gateways of the routing table, whether they answer or not. */
  routers: readonly IpAddress[] = [];
  /** False: there is no arp-scan here. */
  canAsk = true;
  /** What every call fails with, while set. */
  failure: Error | undefined;
  /** Entries that the next sweep reports as refused by the kernel. */
  overflows = 0;
  readonly #clock: Clock;
  readonly #everybody: () => readonly Pick<MacSighting, "mac" | "address">[];
  readonly #addressesOf: (mac: MacAddress) => readonly IpAddress[];

  constructor(
    clock: Clock,
    addressesOf: (mac: MacAddress) => readonly IpAddress[],
    everybody: () => readonly Pick<MacSighting, "mac" | "address">[] = () => [],
  ) {
    this.#clock = clock;
    this.#everybody = everybody;
    this.#addressesOf = addressesOf;
  }

  async interfaces(signal: AbortSignal): Promise<readonly ScanInterface[]> {
    signal.throwIfAborted();
    if (this.failure !== undefined) throw this.failure;
    return this.on;
  }

  async gateways(signal: AbortSignal): Promise<readonly IpAddress[]> {
    signal.throwIfAborted();
    return this.routers;
  }

  async ask(on: ScanInterface, mac: MacAddress, onSighting: (sighting: MacSighting) => void, signal: AbortSignal): Promise<SweepReport> {
    this.asked.push({ interface: on.name, mac, network: on.network, at: this.#clock.monotonic() });
    if (this.failure !== undefined) throw this.failure;
    if (!this.canAsk) throw new LayerUnavailable("ask", "arp-scan is not installed", seconds(300));
    await this.#clock.wait("fake ask", FOUND_AFTER, signal);
    return this.#report("ask", on.network, [mac], onSighting);
  }

  async poke(
    on: ScanInterface,
    network: Network,
    wanted: readonly MacAddress[],
    onSighting: (sighting: MacSighting) => void,
    signal: AbortSignal,
  ): Promise<SweepReport> {
    this.poked.push({ interface: on.name, network, wanted, at: this.#clock.monotonic() });
    if (this.failure !== undefined) throw this.failure;
    const there = wanted.every((mac) => this.#addressesOf(mac).some((address) => networkContains(network, address)));
    await this.#clock.wait("fake poke", there ? FOUND_AFTER : ABSENT_AFTER, signal);
    return this.#report("poke", network, wanted, onSighting);
  }

  async census(
    on: ScanInterface,
    network: Network,
    onSighting: (sighting: MacSighting) => void,
    signal: AbortSignal,
  ): Promise<SweepReport> {
    this.censuses.push({ interface: on.name, network, at: this.#clock.monotonic() });
    if (this.failure !== undefined) throw this.failure;
    for (const { mac, address } of this.#everybody().filter((one) => networkContains(network, one.address)))
      onSighting({ layer: "poke", mac, address, at: this.#clock.now() });
    await this.#clock.wait("fake census", ABSENT_AFTER, signal);
    return { probed: networkSize(network), overflows: 0, complete: false };
  }

  #report(
    layer: "ask" | "poke",
    network: Network,
    wanted: readonly MacAddress[],
    onSighting: (sighting: MacSighting) => void,
  ): SweepReport {
    const seen = new Set<MacAddress>();
    for (const mac of wanted) {
      for (const address of this.#addressesOf(mac).filter((one) => networkContains(network, one))) {
        seen.add(mac);
        onSighting({ layer, mac, address, at: this.#clock.now() });
      }
    }
    const overflows = layer === "poke" ? this.overflows : 0;
    if (layer === "poke") this.overflows = 0;
    return { probed: networkSize(network), overflows, complete: seen.size === wanted.length };
  }
}
