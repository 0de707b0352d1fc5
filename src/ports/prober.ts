import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { Duration } from "../domain/duration.ts";

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
  | { readonly kind: "challenge"; readonly schemes: readonly ("digest" | "basic")[]; readonly realm?: string }
  /** It describes the stream to anyone. */
  | { readonly kind: "open" }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "not-rtsp" }
  | { readonly kind: "no-answer" };

/** The outcome of one authenticated DESCRIBE. `basic-only`: nothing was sent, because only Basic was offered and it is not allowed. */
export type LoginReading = "accepted" | "unauthorized" | "not-found" | "basic-only" | "no-answer";

export interface NeighbourProber {
  /**
   * Makes the kernel resolve the address (an ARP request, no payload the host would notice but one UDP datagram) and reads the table.
   * Asks again within `within`, because the first request may come before the host has configured its address. Resolves early once one of
   * `wanted` is seen *freshly confirmed*: an entry that was there before the call does not count until the kernel confirmed it anew.
   */
  neighbour(address: IpAddress, wanted: readonly MacAddress[], within: Duration, signal: AbortSignal): Promise<NeighbourReading>;
}

export interface ConnectProber {
  connect(address: IpAddress, port: number, within: Duration, signal: AbortSignal): Promise<ConnectReading>;
}

export interface EndpointProber {
  /** The ONVIF endpoint reference by `GetEndpointReference`, which needs no password; undefined where no port answers with one. */
  endpoint(address: IpAddress, ports: readonly number[], within: Duration, signal: AbortSignal): Promise<string | undefined>;
}

export interface RtspProber {
  greeting(address: IpAddress, port: number, path: string, within: Duration, signal: AbortSignal): Promise<GreetingReading>;
  /**
   * One DESCRIBE with the credentials of `url`, whose host is already the candidate. Digest; Basic only where allowed.
   * The session is closed at once, no media is set up.
   */
  login(url: string, allowBasic: boolean, within: Duration, signal: AbortSignal): Promise<LoginReading>;
}

/** Every question the verifier asks of an address, none of which sends a credential but `login`. */
export interface Prober extends NeighbourProber, ConnectProber, EndpointProber, RtspProber {}
