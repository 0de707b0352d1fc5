import { isHostAddress, parseIp, parseMac, type IpAddress, type MacAddress } from "../../domain/addresses.ts";

/** DHCP message types, by option 53 (RFC 2132 §9.6). */
const MESSAGE_TYPES = ["discover", "offer", "request", "decline", "ack", "nak", "release", "inform"] as const;

export type DhcpMessageType = (typeof MESSAGE_TYPES)[number];

/** What a DHCP packet says of the machine that sent it or that it is meant for. */
export interface DhcpPacket {
  /** BOOTREQUEST or BOOTREPLY. */
  readonly op: "request" | "reply";
  readonly type: DhcpMessageType;
  /** `chaddr`: the client's own MAC address, also where a relay forwarded the packet. */
  readonly mac: MacAddress;
  /** `ciaddr`: the address that a renewing or rebinding client has. */
  readonly clientAddress?: IpAddress;
  /** Option 50: the address that a client in INIT-REBOOT or SELECTING asks for. */
  readonly requestedAddress?: IpAddress;
  /** Option 12, printable characters only, at most 64. */
  readonly hostName?: string;
  /** Option 60, printable characters only, at most 64. */
  readonly vendorClass?: string;
  /** Option 55: the options that the client asks for; a fingerprint of its make. */
  readonly parameters: readonly number[];
}

/** Offsets of RFC 2131 §2, figure 1. */
const CHADDR = 28;
const SNAME = 44;
const FILE = 108;
const COOKIE = 236;
const OPTIONS = 240;
const MAGIC_COOKIE = 0x63825363;
/** An Ethernet frame cannot bring more; longer options are not read. */
const LONGEST = 1500;

/**
 * Reads a BOOTP packet that bears a DHCP message (RFC 2131 §2, RFC 2132). Options that are split over several (RFC 3396) or that overflow into
 * `file` and `sname` (RFC 2132 §9.3) are joined.
 * @returns undefined where it is none, or its hardware address is not Ethernet's; never throws
 */
export function parseDhcpPacket(bytes: Uint8Array): DhcpPacket | undefined {
  const packet = bytes.subarray(0, LONGEST);
  if (packet.length < OPTIONS) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const op = view.getUint8(0) === 1 ? "request" : view.getUint8(0) === 2 ? "reply" : undefined;
  const ethernet = view.getUint8(1) === 1 && view.getUint8(2) === 6;
  if (op === undefined || !ethernet || view.getUint32(COOKIE) !== MAGIC_COOKIE) return undefined;
  const mac = parseMac(hex(packet.subarray(CHADDR, CHADDR + 6)));
  const options = readOptions(packet);
  const type = MESSAGE_TYPES[(options.get(53)?.[0] ?? 0) - 1];
  if (mac === undefined || type === undefined) return undefined;
  const clientAddress = hostAddress(packet.subarray(12, 16));
  const requestedAddress = hostAddress(options.get(50));
  const hostName = printable(options.get(12));
  const vendorClass = printable(options.get(60));
  return {
    op,
    type,
    mac,
    ...(clientAddress === undefined ? {} : { clientAddress }),
    ...(requestedAddress === undefined ? {} : { requestedAddress }),
    ...(hostName === undefined ? {} : { hostName }),
    ...(vendorClass === undefined ? {} : { vendorClass }),
    parameters: options.get(55) ?? [],
  };
}

/**
 * The address that a client's DHCPREQUEST claims: option 50, and while rebinding (no option 50) `ciaddr` (RFC 2131 §4.3.2, table 4).
 * A claim only: cameras with a static address go on asking for leases that they never use.
 * @returns undefined for every other message
 */
export function claimedAddress(packet: DhcpPacket): IpAddress | undefined {
  if (packet.op !== "request" || packet.type !== "request") return undefined;
  return packet.requestedAddress ?? packet.clientAddress;
}

function readOptions(packet: Uint8Array): Map<number, number[]> {
  const options = new Map<number, number[]>();
  readField(packet.subarray(OPTIONS), options);
  const overload = options.get(52)?.[0] ?? 0;
  if ((overload & 1) !== 0) readField(packet.subarray(FILE, COOKIE), options);
  if ((overload & 2) !== 0) readField(packet.subarray(SNAME, FILE), options);
  return options;
}

function readField(field: Uint8Array, options: Map<number, number[]>): void {
  for (let at = 0; at < field.length;) {
    const code = field[at];
    if (code === undefined || code === 255) return;
    if (code === 0) {
      at += 1;
      continue;
    }
    const length = field[at + 1];
    if (length === undefined || at + 2 + length > field.length) return;
    options.set(code, [...(options.get(code) ?? []), ...field.subarray(at + 2, at + 2 + length)]);
    at += 2 + length;
  }
}

function hostAddress(bytes: ArrayLike<number> | undefined): IpAddress | undefined {
  if (bytes?.length !== 4) return undefined;
  const address = parseIp(Array.from(bytes).join("."));
  return address !== undefined && isHostAddress(address) ? address : undefined;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** Whatever a stranger puts there is shown and logged later, so nothing but printable ASCII is let in. */
function printable(bytes: readonly number[] | undefined): string | undefined {
  const text = String.fromCharCode(...(bytes ?? []).filter((byte) => byte >= 0x20 && byte < 0x7f).slice(0, 64)).trim();
  return text === "" ? undefined : text;
}
