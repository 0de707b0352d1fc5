import { isHostAddress, type IpAddress, parseIp, parseMac } from "../../domain/addresses.ts";
import { instant, type Instant } from "../../domain/duration.ts";
import { type Lease, MOST_LEASES } from "./lease.ts";

/**
 * The leases of ISC's server, `dhcpd.leases`: declarations `lease 192.168.1.50 { … }`, of which the last of an address counts. Only those whose binding
 * state is `active` are taken: not `free`, `expired`, `released`, `abandoned`, `backup`, `reset` (dhcpd.leases(5)). A declaration that is not finished
 * is left out.
 */
export function iscLeases(text: string): readonly Lease[] {
  const leases = new Map<IpAddress, Lease>();
  // A closing brace counts at the beginning of a line alone: a name in quotes may hold one.
  for (const [, host = "", body = ""] of text.matchAll(/^lease ([\d.]+) \{\r?\n([^]*?)^\}/gm)) {
    const address = parseIp(host);
    if (address === undefined || !isHostAddress(address)) continue;
    leases.delete(address);
    const mac = parseMac(/^\s*hardware ethernet ([0-9a-f:]+);/im.exec(body)?.[1] ?? "");
    const isActive = /^\s*binding state active;/m.test(body);
    if (mac === undefined || !isActive || leases.size >= MOST_LEASES) continue;
    const ends = endOf(body);
    const hostName = /^\s*client-hostname "([^"\\]*)";/m.exec(body)?.[1] ?? "";
    leases.set(address, { mac, address, ...(ends === undefined ? {} : { ends }), ...(hostName === "" ? {} : { hostName }) });
  }
  return [...leases.values()];
}

/** `ends 5 2026/11/27 07:00:00;` in UTC, `ends epoch 1795762800;` (db-time-format local), or `ends never;`. */
function endOf(body: string): Instant | undefined {
  const epoch = /^\s*ends epoch (\d+);/m.exec(body)?.[1];
  if (epoch !== undefined) return instant(Number(epoch) * 1000);
  const [, year, month, day, time] = /^\s*ends \d (\d{4})\/(\d{2})\/(\d{2}) (\d{2}:\d{2}:\d{2});/m.exec(body) ?? [];
  if (year === undefined || month === undefined || day === undefined || time === undefined) return undefined;
  return instant(Date.parse(`${year}-${month}-${day}T${time}Z`));
}
