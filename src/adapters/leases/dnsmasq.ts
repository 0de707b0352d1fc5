import { isHostAddress, parseIp, parseMac } from "../../domain/addresses.ts";
import { instant } from "../../domain/duration.ts";
import { type Lease, MOST_LEASES } from "./lease.ts";

/**
 * Smaller numbers are no time of this century but a length: builds for routers without a clock store how long a lease is (dnsmasq, HAVE_BROKEN_RTC).
 */
const LEAST_TIME = 1_000_000_000;

/**
 * The leases of dnsmasq: `1767225600 0c:79:55:4b:d4:2a 192.168.1.50 front 01:0c:79:…` a line, `*` for no name, 0 for a lease that never ends (dnsmasq
 * src/lease.c, lease_update_file). So does Pi-hole write `dnsmasq.leases` and `dhcp.leases`, and OpenWrt `/tmp/dhcp.leases`. IPv6 leases, which
 * follow a line `duid …`, and a last line that is not finished are left out.
 */
export function dnsmasqLeases(text: string): readonly Lease[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const leases: Lease[] = [];
  for (const line of whole.split("\n")) {
    const [time = "", hardware = "", host = "", name = ""] = line.trim().split(/\s+/);
    // A type of hardware other than Ethernet stands in front: `06-…`.
    const mac = parseMac(/^[0-9a-f]{2}-(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(hardware) ? hardware.slice(3) : hardware);
    const address = parseIp(host);
    if (!/^\d+$/.test(time) || mac === undefined || address === undefined || !isHostAddress(address)) continue;
    const ends = Number(time) >= LEAST_TIME ? { ends: instant(Number(time) * 1000) } : {};
    leases.push({ mac, address, ...ends, ...(name === "" || name === "*" ? {} : { hostName: name }) });
    if (leases.length === MOST_LEASES) break;
  }
  return leases;
}
