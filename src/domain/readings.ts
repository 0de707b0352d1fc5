import type { IpAddress, MacAddress } from "./addresses.ts";
import type { Duration } from "./duration.ts";
import type { VendorUid } from "./vendor-id.ts";

/** What the kernel's neighbour table says of an address after it was made to look. */
export type NeighbourReading =
  | {
      readonly found: "mac";
      readonly mac: MacAddress;
      /** The default gateway's own MAC: a proxy answers, or it is the gateway. */ readonly gateway: boolean;
      /** Addresses of our networks that the table gives this MAC, this one included, stale ones too. */ readonly addressesOfMac: readonly IpAddress[];
    }
  | { readonly found: "nobody" }
  /** The address is not on a network that this machine is directly on: there is no MAC to see. */
  | { readonly found: "no-layer-2" };

export type ConnectReading = "open" | "refused" | "unreachable" | "timeout";

/** An RTSP server's answer to a DESCRIBE without a password. */
export type GreetingReading =
  | { readonly kind: "challenge"; readonly schemes: readonly ("digest" | "basic")[]; readonly realm?: string; readonly server?: string }
  /** It describes the stream to anyone. */
  | { readonly kind: "open" }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "not-rtsp" }
  | { readonly kind: "no-answer" };

/** The outcome of one authenticated DESCRIBE. `basic-only`: nothing was sent, because only Basic was offered and it is not allowed. */
export type LoginReading = "accepted" | "unauthorized" | "not-found" | "basic-only" | "no-answer";

/** The addresses, of those that were asked, that `mac` answers for. */
export interface OthersReading {
  readonly mac: MacAddress;
  readonly addresses: readonly IpAddress[];
}

/** One answer and when it came, from the start of the verification. */
export interface Taken<T> {
  readonly reading: T;
  readonly at: Duration;
}

/** The answers so far, by proof; a proof is absent until it was taken. */
export interface Readings {
  readonly neighbour?: Taken<NeighbourReading>;
  /** Which of the other addresses that the table gives this MAC it answers for just now. */
  readonly others?: Taken<OthersReading>;
  readonly connect?: Taken<ConnectReading>;
  /** The ONVIF endpoint reference; an undefined reading where nothing answered with one. */
  readonly endpoint?: Taken<string | undefined>;
  /** The maker's number for the device; an undefined reading where it said none. */
  readonly uid?: Taken<VendorUid | undefined>;
  readonly greeting?: Taken<GreetingReading>;
  readonly login?: Taken<LoginReading>;
}

export type Proof = keyof Readings;
