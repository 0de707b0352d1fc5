import type { IpAddress, MacAddress } from "./addresses.ts";
import type { Instant } from "./duration.ts";

/** Where a candidate address came from. */
export type Layer = "dhcp" | "leases" | "neighbours" | "stream" | "history" | "ask" | "poke" | "audit" | "configured" | "reported";

/** "This MAC may be at this address." A hint: only the verifier turns it into a fact. */
export interface Sighting {
  readonly layer: Layer;
  readonly mac: MacAddress;
  readonly address: IpAddress;
  readonly at: Instant;
  /** DHCP option 12. Kept as evidence; breaks ties at most. */
  readonly hostName?: string;
}
