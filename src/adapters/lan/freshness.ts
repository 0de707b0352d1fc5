import { seconds, type Duration } from "../../domain/duration.ts";
import type { NeighbourEntry } from "./neighbour-table.ts";

/**
 * Whether an entry proves that its MAC address spoke for its IP address after a certain moment. After a camera has moved, the kernel shows its
 * MAC at the old address as REACHABLE for half a minute: being in the table proves nothing, only a change or a newer confirmation does.
 * @param before the entry as it was at that moment; undefined where there was none
 * @param elapsed since that moment
 */
export function isFresh(before: NeighbourEntry | undefined, now: NeighbourEntry, elapsed: Duration): boolean {
  if (now.mac === undefined) return false;
  // The kernel writes a MAC address into an entry only when an ARP packet bears it.
  if (before?.mac === undefined || before.mac !== now.mac) return true;
  if (isDoubted(before) && now.state === "REACHABLE") return true;
  if (now.confirmed === undefined) return false;
  // Ages are rounded down to whole seconds, so an age of 2 means less than 3.
  if (before.confirmed !== undefined && now.confirmed < before.confirmed) return true;
  return now.confirmed + seconds(1) < elapsed;
}

function isDoubted(entry: NeighbourEntry): boolean {
  return entry.state === "STALE" || entry.state === "DELAY" || entry.state === "PROBE";
}
