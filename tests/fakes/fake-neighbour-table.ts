import type { IpAddress, MacAddress } from "../../src/domain/addresses.ts";
import type { NeighbourTable } from "../../src/ports/neighbour-table.ts";

/** A neighbour table in memory. Entries stay until they are changed, as stale ones do. */
export class FakeNeighbourTable implements NeighbourTable {
  readonly entries = new Map<IpAddress, MacAddress>();

  async macOf(address: IpAddress): Promise<MacAddress | undefined> {
    return this.entries.get(address);
  }
}
