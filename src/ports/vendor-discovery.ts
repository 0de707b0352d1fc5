import type { IpAddress } from "../domain/addresses.ts";
import type { Duration } from "../domain/duration.ts";
import type { Maker, VendorAnswer } from "../domain/vendor-id.ts";
import type { IdentityCaller } from "./identity-caller.ts";

/** One maker's own way of finding its devices. Sends no credential. */
export interface VendorDiscovery extends IdentityCaller {
  readonly by: "uid";
  readonly maker: Maker;
  /** What the device at an address says; works over routers. @throws the signal's reason when aborted */
  uid(address: IpAddress, within: Duration, signal: AbortSignal): Promise<VendorAnswer | undefined>;
}
