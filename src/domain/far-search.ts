import { ipToNumber, networkContains, networkOf, networkSize, numberToIp, type IpAddress, type Network } from "./addresses.ts";

/** Larger networks are not asked address by address as a whole, only near where the devices were. */
const LONGEST = 24;
const RANGES_AT_MOST = 8;
const FORMER_AT_MOST = 10;

/** Which of a device's former addresses no attached network holds: where it is asked directly, the latest first. */
export function farAddresses(former: readonly IpAddress[], attached: readonly Network[]): readonly IpAddress[] {
  return former.filter((address) => !attached.some((network) => networkContains(network, address))).slice(0, FORMER_AT_MOST);
}

/**
 * The parts of the named networks that are asked address by address, none of them attached to this machine: those are searched by their own interface, or
 * never where that interface is not to be used. Of a network larger than a /24 the parts in which the devices were before.
 */
export function farRanges(ranges: readonly Network[], former: readonly IpAddress[], attached: readonly Network[]): readonly Network[] {
  const parts = ranges.flatMap((range) => {
    if (range.prefix >= LONGEST) return [range];
    return former.filter((address) => networkContains(range, address)).map((address) => networkOf(address, LONGEST));
  });
  const far = parts.filter((part) => !attached.some((network) => overlaps(part, network)));
  return [...new Map(far.map((part) => [`${String(part.base)}/${String(part.prefix)}`, part] as const)).values()].slice(0, RANGES_AT_MOST);
}

/** Every host address of a network. */
export function hostsOf(network: Network): readonly IpAddress[] {
  const spare = network.prefix >= 31 ? 0 : 1;
  return Array.from({ length: networkSize(network) - 2 * spare }, (_unused, index) => numberToIp(network.base + spare + index));
}

function overlaps(one: Network, other: Network): boolean {
  return networkContains(one, numberToIp(other.base)) || networkContains(other, numberToIp(one.base));
}

/** Addresses in the order of a walk that goes on where the last one ended. */
export function rotated(addresses: readonly IpAddress[], after: IpAddress | undefined): readonly IpAddress[] {
  if (after === undefined) return addresses;
  const at = addresses.findIndex((address) => ipToNumber(address) > ipToNumber(after));
  return at <= 0 ? addresses : [...addresses.slice(at), ...addresses.slice(0, at)];
}
