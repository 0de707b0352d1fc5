declare const brand: unique symbol;

/** A 48-bit Ethernet address in lower case with colons: `0c:79:55:4b:d4:2a`. */
export type MacAddress = string & { readonly [brand]: "MacAddress" };

/** An IPv4 address in canonical dotted form. IPv6 literals are recognised elsewhere and never rewritten. */
export type IpAddress = string & { readonly [brand]: "IpAddress" };

/** An IPv4 network: its first address as a number and its prefix length. */
export interface Network {
  readonly base: number;
  readonly prefix: number;
}

/**
 * Reads a MAC address with colons, hyphens, dots (`0c79.554b.d42a`) or nothing between its digits.
 * The all-zero address, and those of groups (broadcast and multicast: the lowest bit of the first octet, IEEE 802), name no device and are refused.
 * @returns undefined where the text is none
 */
export function parseMac(text: string): MacAddress | undefined {
  const trimmed = text.trim().toLowerCase();
  const separated = /^[0-9a-f]{1,2}([:-])[0-9a-f]{1,2}(?:\1[0-9a-f]{1,2}){4}$/.test(trimmed);
  const digits = separated
    ? trimmed
        .split(/[:-]/)
        .map((octet) => octet.padStart(2, "0"))
        .join("")
    : /^(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}$/.test(trimmed) || /^[0-9a-f]{12}$/.test(trimmed)
      ? trimmed.replaceAll(".", "")
      : "";
  if (digits === "" || digits === "000000000000" || (Number.parseInt(digits.slice(0, 2), 16) & 1) !== 0) return undefined;
  return digits.match(/../g)?.join(":") as MacAddress;
}

/** True where the device made the address up itself (IEEE 802 "locally administered" bit): no identity by itself. */
export function isLocallyAdministered(mac: MacAddress): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;
}

/**
 * Reads a dotted IPv4 address of four decimal octets without leading zeros (`010` is octal to some readers, decimal to others).
 * @returns undefined where the text is none
 */
export function parseIp(text: string): IpAddress | undefined {
  if (!/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(text)) return undefined;
  return text.split(".").every((octet) => Number(octet) <= 255) ? (text as IpAddress) : undefined;
}

/** The address as an unsigned 32-bit number. */
export function ipToNumber(address: IpAddress): number {
  return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** The address of an unsigned 32-bit number. */
export function numberToIp(number: number): IpAddress {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".") as IpAddress;
}

/** 127.0.0.0/8 and 0.0.0.0: this machine itself, never a camera. */
export function isLoopback(address: IpAddress): boolean {
  return address.startsWith("127.") || address === "0.0.0.0";
}

/** An address that one host on a network can have: not loopback, multicast, broadcast or reserved. */
export function isHostAddress(address: IpAddress): boolean {
  const first = Number(address.split(".")[0]);
  return first > 0 && first !== 127 && first < 224;
}

/** Reads `192.168.1.0/24`; host bits are cleared. */
export function parseNetwork(text: string): Network | undefined {
  const [address, prefix] = text.split("/");
  const ip = parseIp(address ?? "");
  if (ip === undefined || prefix === undefined || !/^(?:\d|[12]\d|3[0-2])$/.test(prefix)) return undefined;
  return networkOf(ip, Number(prefix));
}

/** The network of `prefix` bits that `address` lies in. */
export function networkOf(address: IpAddress, prefix: number): Network {
  const size = 2 ** (32 - prefix);
  return { base: Math.floor(ipToNumber(address) / size) * size, prefix };
}

export function formatNetwork(network: Network): string {
  return `${numberToIp(network.base)}/${network.prefix}`;
}

/** How many addresses the network spans, first and last included. */
export function networkSize(network: Network): number {
  return 2 ** (32 - network.prefix);
}

export function networkContains(network: Network, address: IpAddress): boolean {
  const number = ipToNumber(address);
  return number >= network.base && number < network.base + networkSize(network);
}
