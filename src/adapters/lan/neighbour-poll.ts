import { seconds } from "../../domain/duration.ts";
import type { Sighting } from "../../domain/sighting.ts";
import type { Clock } from "../../ports/clock.ts";
import type { SightingSource } from "../../ports/sightings.ts";
import { KnownNeighbours } from "./known-neighbours.ts";
import type { NeighbourEntry, KernelNeighbourTable } from "./neighbour-table.ts";

const EVERY = seconds(3);

/**
 * Stands in for the monitor on machines without iproute2: reads `/proc/net/arp` every 3 s. Told are MAC addresses that are new at an address; that
 * one was confirmed anew does not show there.
 */
export class NeighbourPoll implements SightingSource {
  readonly layer = "neighbours";
  readonly #clock: Clock;
  readonly #table: KernelNeighbourTable;

  constructor(clock: Clock, table: KernelNeighbourTable) {
    this.#clock = clock;
    this.#table = table;
  }

  /** Always available: where there is no such file, nothing is ever told. */
  async watch(onSighting: (sighting: Sighting) => void, onReady: () => void, signal: AbortSignal): Promise<void> {
    const known = new KnownNeighbours();
    let ready = false;
    let before: readonly NeighbourEntry[] = [];
    while (!signal.aborted) {
      const entries = await this.#table.quick();
      if (signal.aborted) return;
      const present = new Set(entries.map(placeOf));
      for (const gone of before.filter((one) => !present.has(placeOf(one)))) known.forget(gone);
      for (const entry of entries) {
        if (!known.isNews(entry) || entry.mac === undefined) continue;
        onSighting({ layer: this.layer, mac: entry.mac, address: entry.address, at: this.#clock.now() });
      }
      before = entries;
      if (!ready) onReady();
      ready = true;
      try {
        await this.#clock.wait("neighbour poll", EVERY, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }
}

function placeOf(entry: NeighbourEntry): string {
  return `${entry.address} ${entry.device}`;
}
