import type { MacAddress } from "../domain/addresses.ts";
import type { Candidate } from "../domain/candidates.ts";
import { milliseconds } from "../domain/duration.ts";
import type { ConnectProber, NeighbourProber } from "../ports/prober.ts";

/** Somebody who is there answers within this. */
const AT_ONCE = milliseconds(800);

/**
 * The candidates in the order to prove them: what DHCP told first, as it was, then those where a MAC of the device answers just now. After a restart the
 * neighbour table may hold many addresses that the device left, and each costs its proof 3.5 s; asked together they cost 0.8 s once. Where the MAC answers at
 * several, it is a repeater's: the addresses with an open stream port come first, because a closed one is waited for as long as a proof may take.
 * @throws the signal's reason when aborted; what the prober throws
 */
export async function presentFirst(
  prober: NeighbourProber & ConnectProber,
  candidates: readonly Candidate[],
  macs: readonly MacAddress[],
  streamPort: number,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const told = candidates.filter((candidate) => candidate.layer === "dhcp");
  const others = candidates.filter((candidate) => candidate.layer !== "dhcp");
  if (others.length < 2 || macs.length === 0) return candidates;
  const readings = await Promise.all(others.map((candidate) => prober.neighbour(candidate.address, macs, AT_ONCE, signal)));
  const isThere = others.map((_candidate, index) => {
    const reading = readings[index];
    return reading?.found === "mac" && macs.includes(reading.mac);
  });
  const [there, absent] = [true, false].map((wanted) => others.filter((_candidate, index) => isThere[index] === wanted));
  return [...told, ...(await openFirst(prober, there ?? [], streamPort, signal)), ...(absent ?? [])];
}

async function openFirst(
  prober: ConnectProber,
  candidates: readonly Candidate[],
  streamPort: number,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  if (candidates.length < 2) return candidates;
  const readings = await Promise.all(candidates.map(({ address }) => prober.connect(address, streamPort, AT_ONCE, signal)));
  const isOpen = new Set(candidates.filter((_candidate, index) => readings[index] === "open"));
  return [...candidates.filter((one) => isOpen.has(one)), ...candidates.filter((one) => !isOpen.has(one))];
}
