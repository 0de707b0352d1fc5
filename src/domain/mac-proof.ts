import type { IpAddress, MacAddress } from "./addresses.ts";
import { isLocallyAdministered } from "./addresses.ts";
import type { Identity } from "./camera.ts";
import type { NeighbourReading, OthersReading } from "./readings.ts";

/** Whose MAC addresses a reading is judged by. */
export interface MacOwner {
  readonly identity: Identity;
  readonly configuredMacs: readonly MacAddress[];
  /** What is known of every other configured device, the MACs given in the options included. */
  readonly peers: readonly Identity[];
  /** Addresses that this device was proved at before: they explain stale entries of its MAC. */
  readonly formerAddresses: readonly IpAddress[];
}

/** How much the MAC seen at an address proves. */
export type MacProof =
  /** Enrolled for this device alone and made by a manufacturer. */
  | { readonly kind: "sound"; readonly mac: MacAddress }
  /** Enrolled, but two devices may have it: an identity of another kind is needed too. */
  | { readonly kind: "weak"; readonly mac: MacAddress; readonly why: "made-up" | "shared" }
  /** A gateway's or a proxy's: it says nothing of the device behind. */
  | { readonly kind: "void"; readonly mac: MacAddress; readonly why: "gateway" | "proxy" }
  /** There is no MAC to compare. */
  | { readonly kind: "none"; readonly why: "no-layer-2" | "none-enrolled" }
  | { readonly kind: "other"; readonly mac: MacAddress }
  | { readonly kind: "nobody" }
  /** The table gives it many addresses, perhaps stale ones: these are to be asked before it is judged. */
  | { readonly kind: "undecided"; readonly mac: MacAddress; readonly ask: readonly IpAddress[] };

/** A MAC that answers for this many addresses at once is a proxy's (proxy-ARP routers and repeaters answer for all). */
const PROXY_ADDRESSES = 3;

/** How many further addresses are asked at most: two that answer suffice. */
const ASKED_AT_MOST = 8;

/** Every MAC of the device, the learned ones first in the order in which they were learned. */
export function enrolledMacs(owner: Pick<MacOwner, "identity" | "configuredMacs">): readonly MacAddress[] {
  return [...new Set([...owner.identity.macs, ...owner.configuredMacs])];
}

/**
 * Judges the MAC at `candidate`.
 * @param others undefined until the addresses of an undecided proof were asked
 */
export function macProof(candidate: IpAddress, owner: MacOwner, reading: NeighbourReading, others: OthersReading | undefined): MacProof {
  if (reading.found === "nobody") return { kind: "nobody" };
  if (reading.found === "no-layer-2") return { kind: "none", why: "no-layer-2" };
  const { mac } = reading;
  if (reading.gateway) return { kind: "void", mac, why: "gateway" };
  const macs = enrolledMacs(owner);
  const explained = new Set(macs.includes(mac) ? [candidate, ...owner.formerAddresses] : [candidate]);
  const unexplained = reading.addressesOfMac.filter((address) => !explained.has(address));
  if (unexplained.length + 1 >= PROXY_ADDRESSES) {
    if (others?.mac !== mac) return { kind: "undecided", mac, ask: unexplained.slice(0, ASKED_AT_MOST) };
    if (others.addresses.length + 1 >= PROXY_ADDRESSES) return { kind: "void", mac, why: "proxy" };
  }
  if (macs.length === 0) return { kind: "none", why: "none-enrolled" };
  if (!macs.includes(mac)) return { kind: "other", mac };
  if (owner.peers.some((peer) => peer.macs.includes(mac))) return { kind: "weak", mac, why: "shared" };
  if (isLocallyAdministered(mac)) return { kind: "weak", mac, why: "made-up" };
  return { kind: "sound", mac };
}

/**
 * True where the table has come to give an address to a device that is not this one since `seen` answered there: packets go to that device now, and so may
 * have what was asked in between. Two devices that hold one address take turns in the table.
 */
export function isTakenSince(seen: MacAddress, holder: MacAddress | undefined, own: readonly MacAddress[]): boolean {
  return holder !== undefined && holder !== seen && !own.includes(holder);
}
