import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { Duration } from "../domain/duration.ts";
import type { Maker, VendorAnswer } from "../domain/vendor-id.ts";
import type { ConnectReading, GreetingReading, LoginReading, NeighbourReading } from "../domain/readings.ts";

export type { ConnectReading, GreetingReading, LoginReading, NeighbourReading };

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

export interface OnvifPortProber {
  /**
   * The TCP port on which its ONVIF service answers: the first of `ports` that does, else the one that the device itself names by WS-Discovery.
   * @returns undefined where none answers; @throws the signal's reason when aborted
   */
  onvifPort(address: IpAddress, ports: readonly number[], within: Duration, signal: AbortSignal): Promise<number | undefined>;
}

export interface RtspProber {
  greeting(address: IpAddress, port: number, path: string, within: Duration, signal: AbortSignal): Promise<GreetingReading>;
  /**
   * One DESCRIBE with the credentials of `url`, whose host is already the candidate. Digest; Basic only where allowed.
   * The session is closed at once, no media is set up.
   */
  login(url: string, allowBasic: boolean, within: Duration, signal: AbortSignal): Promise<LoginReading>;
}

export interface VendorProber {
  /** What the device tells of itself by its maker's own discovery, without a password; undefined where none of these makers' answers. */
  vendor(address: IpAddress, makers: readonly Maker[], within: Duration, signal: AbortSignal): Promise<VendorAnswer | undefined>;
}

/** Every question the verifier asks of an address, none of which sends a credential but `login`. */
export interface Prober extends NeighbourProber, ConnectProber, EndpointProber, OnvifPortProber, VendorProber, RtspProber {}
