import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { Duration } from "../domain/duration.ts";

/** What a camera says its stream is; `refused`: it did not take the password. */
export type StreamUriReading =
  | {
      readonly kind: "paths";
      /** Path and query of each profile's RTSP address, the first profile first. */ readonly paths: readonly string[];
    }
  | { readonly kind: "refused" }
  | { readonly kind: "no-answer" };

/** Which MAC addresses a camera says it has; `refused`: it did not take the password, or asks for it in a way that we do not answer. */
export type InterfacesReading =
  | { readonly kind: "macs"; readonly macs: readonly MacAddress[] }
  | { readonly kind: "refused" }
  | { readonly kind: "no-answer" };

/** Questions about a camera that was proved to be where it is. */
export interface CameraDetails {
  /**
   * How far the camera's clock is ahead of this machine's (negative: behind), by ONVIF `GetSystemDateAndTime`, which needs no password; to a second.
   * @returns undefined where nothing answers with a time
   */
  clockOffset(address: IpAddress, ports: readonly number[], within: Duration, signal: AbortSignal): Promise<Duration | undefined>;
  /**
   * Where the camera says its streams are, by ONVIF `GetProfiles` and `GetStreamUri`. Sends the user and password of `loginUrl`, by Digest alone: ask only
   * an address that was just proved.
   */
  streamPaths(
    address: IpAddress,
    ports: readonly number[],
    loginUrl: string,
    within: Duration,
    signal: AbortSignal,
  ): Promise<StreamUriReading>;
  /**
   * Which MAC addresses the camera says it has, by ONVIF `GetNetworkInterfaces`. Sends the user and password of `loginUrl`, as hashes alone: ask only an
   * address that was just proved.
   */
  hardwareAddresses(
    address: IpAddress,
    ports: readonly number[],
    loginUrl: string,
    within: Duration,
    signal: AbortSignal,
  ): Promise<InterfacesReading>;
}
