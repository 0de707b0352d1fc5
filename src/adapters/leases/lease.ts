import type { IpAddress, MacAddress } from "../../domain/addresses.ts";
import type { Instant } from "../../domain/duration.ts";

/** One lease that a DHCP server's file holds and that was not given back or taken away. */
export interface Lease {
  readonly mac: MacAddress;
  readonly address: IpAddress;
  /** When it ends; absent where it never does, or where the file does not tell. */
  readonly ends?: Instant;
  /** What the machine calls itself. */
  readonly hostName?: string;
}

/** What a person may say of a file. Pi-hole's and OpenWrt's are dnsmasq's own. */
export type LeaseFormat = "auto" | "dnsmasq" | "pihole" | "openwrt" | "kea" | "isc";

/** More leases than a home has; what is beyond is not looked at. */
export const MOST_LEASES = 10_000;
