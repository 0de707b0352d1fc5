import type { IpAddress, MacAddress } from "./addresses.ts";
import type { Instant } from "./duration.ts";
import type { VendorUid } from "./vendor-id.ts";

/** Where a candidate address came from. */
export type Layer =
  | "dhcp"
  | "leases"
  | "home_assistant"
  | "neighbours"
  | "ws_discovery"
  | "stream"
  | "history"
  | "ask"
  | "poke"
  | "call"
  | "far"
  | "audit"
  | "configured"
  | "reported"
  | "mqtt";

/**
 * "This device may be at this address": named by its MAC address, its ONVIF endpoint reference or its maker's number. A hint: only the verifier turns
 * it into a fact.
 */
export interface Sighting {
  readonly layer: Layer;
  readonly mac?: MacAddress;
  readonly endpoint?: string;
  readonly uid?: VendorUid;
  readonly address: IpAddress;
  readonly at: Instant;
  /** DHCP option 12. Kept as evidence; breaks ties at most. */
  readonly hostName?: string;
}

/** One that names a MAC address, as all that come from layer 2 do. */
export type MacSighting = Sighting & { readonly mac: MacAddress };
