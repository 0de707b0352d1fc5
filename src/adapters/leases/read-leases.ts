import { dnsmasqLeases } from "./dnsmasq.ts";
import { iscLeases } from "./isc.ts";
import { keaLeases } from "./kea.ts";
import type { Lease, LeaseFormat } from "./lease.ts";

/** The leases of a file's text. `auto` tells the format by what the text looks like; what looks like none is taken for dnsmasq's. */
export function readLeases(text: string, format: LeaseFormat): readonly Lease[] {
  switch (formatOf(text, format)) {
    case "kea":
      return keaLeases(text);
    case "isc":
      return iscLeases(text);
    default:
      return dnsmasqLeases(text);
  }
}

/** What the file is, where a person left that open. */
export function formatOf(text: string, format: LeaseFormat): LeaseFormat {
  if (format !== "auto") return format;
  if (/^\uFEFF?address,hwaddr,/.test(text)) return "kea";
  return /^(?:lease [\d.]+ \{|# .*dhcpd\.leases\(5\)|authoring-byte-order )/m.test(text) ? "isc" : "dnsmasq";
}
