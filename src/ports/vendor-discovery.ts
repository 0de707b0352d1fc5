import type { IpAddress } from "../domain/addresses.ts";
import type { Duration } from "../domain/duration.ts";
import type { Maker, VendorAnswer } from "../domain/vendor-id.ts";
import type { ScanInterface } from "./search.ts";

/** One maker's own way of finding its devices. Sends no credential. */
export interface VendorDiscovery {
  readonly maker: Maker;
  /** What the device at an address says; works over routers. @throws the signal's reason when aborted */
  uid(address: IpAddress, within: Duration, signal: AbortSignal): Promise<VendorAnswer | undefined>;
  /** Calls the device of that number on an interface's network by broadcast. @throws the signal's reason when aborted */
  call(on: ScanInterface, uid: string, within: Duration, onAnswer: (from: IpAddress) => void, signal: AbortSignal): Promise<void>;
}
