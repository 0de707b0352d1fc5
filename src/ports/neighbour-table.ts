import type { IpAddress, MacAddress } from "../domain/addresses.ts";

/** The kernel's neighbour table as it is, without making it look. Cheap: for addresses that just answered. */
export interface NeighbourTable {
  /** The MAC of a complete entry; stale ones too, so it counts only where the address answered just now. */
  macOf(address: IpAddress): Promise<MacAddress | undefined>;
}
