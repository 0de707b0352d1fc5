import type { MacAddress } from "../../domain/addresses.ts";
import type { NeighbourEntry } from "./neighbour-table.ts";

/** Above the kernel's default hard limit (gc_thresh3 = 1,024), so that nothing is told twice. */
const MOST_KNOWN = 4_096;

/** What was told of the neighbour table so far, so that only changes are told again. */
export class KnownNeighbours {
  readonly #known = new Map<string, { readonly mac: MacAddress; readonly reachable: boolean }>();

  /**
   * Takes note of an entry. True where its MAC is new at the address, or where the kernel has just become sure of it again; an entry that only
   * ages (REACHABLE to STALE) tells nothing.
   */
  isNews(entry: NeighbourEntry): boolean {
    const key = keyOf(entry);
    const before = this.#known.get(key);
    if (entry.mac === undefined) {
      this.#known.delete(key);
      return false;
    }
    const reachable = entry.state === undefined || entry.state === "REACHABLE" || entry.state === "PERMANENT";
    this.#known.delete(key);
    this.#known.set(key, { mac: entry.mac, reachable });
    if (this.#known.size > MOST_KNOWN) this.#forgetOldest();
    return before === undefined || before.mac !== entry.mac || (reachable && !before.reachable);
  }

  /** The entry left the table: it is news when it comes back. */
  forget(entry: NeighbourEntry): void {
    this.#known.delete(keyOf(entry));
  }

  #forgetOldest(): void {
    const oldest = this.#known.keys().next();
    if (oldest.done !== true) this.#known.delete(oldest.value);
  }
}

function keyOf(entry: NeighbourEntry): string {
  return `${entry.address} ${entry.device}`;
}
