import { isHostAddress, type IpAddress, parseIp, parseMac } from "../../domain/addresses.ts";
import { instant } from "../../domain/duration.ts";
import { type Lease, MOST_LEASES } from "./lease.ts";

/** A lifetime that never ends (Kea, Lease::INFINITY_LFT). */
const FOREVER = 0xff_ff_ff_ff;
/** States of a lease: 0 is in use; 1 declined, 2 expired and reclaimed, 3 released (Kea, Administrator Reference Manual, "Lease States"). */
const IN_USE = "0";

/**
 * The leases of Kea's memfile, `kea-leases4.csv`: named columns, and each change of a lease appended as a line of its own, so the last line of an
 * address counts. A lifetime of 0 takes a lease away. A comma within a value is written `&#x2c` (Kea, src/lib/util/csv_file.cc). Several files may follow
 * one another, each with its own columns.
 */
export function keaLeases(text: string): readonly Lease[] {
  const [header = "", ...lines] = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  let columns = header.trim().split(",");
  const leases = new Map<IpAddress, Lease>();
  for (const line of lines) {
    const values = line.trimEnd().split(",");
    if (values[0] === "address") columns = values;
    const value = (column: string): string => (values[columns.indexOf(column)] ?? "").replaceAll("&#x2c", ",");
    const address = parseIp(value("address"));
    if (address === undefined || !isHostAddress(address)) continue;
    leases.delete(address);
    const mac = parseMac(value("hwaddr"));
    const [lifetime, expire] = [Number(value("valid_lifetime")), Number(value("expire"))];
    if (mac === undefined || value("state") !== IN_USE || lifetime === 0 || leases.size >= MOST_LEASES) continue;
    const ends = lifetime === FOREVER || !Number.isFinite(expire) ? {} : { ends: instant(expire * 1000) };
    const hostName = value("hostname").replace(/\.$/, "");
    leases.set(address, { mac, address, ...ends, ...(hostName === "" ? {} : { hostName }) });
  }
  return [...leases.values()];
}
