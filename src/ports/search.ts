import type { IpAddress, MacAddress, Network } from "../domain/addresses.ts";
import type { MacSighting } from "../domain/sighting.ts";

/** A network interface of this machine that cameras may be searched on. */
export interface ScanInterface {
  readonly name: string;
  readonly mac: MacAddress;
  readonly address: IpAddress;
  readonly network: Network;
  /** Why it is never scanned unless a person names it (container, VPN, bridge, point-to-point); absent for an ordinary one. */
  readonly avoid?: string;
}

export interface SweepReport {
  readonly probed: number;
  /** Entries the kernel's neighbour table had to refuse meanwhile (`table_fulls` of /proc/net/stat/arp_cache). */
  readonly overflows: number;
  /** True where the wanted MACs were all seen and the sweep stopped early. */
  readonly complete: boolean;
}

/** Looking for MAC addresses on directly attached networks. Found addresses are candidates, not facts. */
export interface NeighbourSearch {
  interfaces(signal: AbortSignal): Promise<readonly ScanInterface[]>;
  /** The default gateways of this machine; none where there is no route, or it is not known. */
  gateways(signal: AbortSignal): Promise<readonly IpAddress[]>;
  /**
   * Asks one MAC which address of the interface's network it holds (`arp-scan -T`): nobody else is disturbed.
   * @throws LayerUnavailable without arp-scan or without permission for raw sockets
   */
  ask(on: ScanInterface, mac: MacAddress, onSighting: (sighting: MacSighting) => void, signal: AbortSignal): Promise<SweepReport>;
  /**
   * Pokes every address of `network` (at most a /22 of it) with an empty datagram and reads the neighbour table; one sweep serves all of `wanted`.
   * Never reports an entry that was in the table before and was not confirmed since. Calls a MAC absent only after 3.2 s.
   */
  poke(
    on: ScanInterface,
    network: Network,
    wanted: readonly MacAddress[],
    onSighting: (sighting: MacSighting) => void,
    signal: AbortSignal,
  ): Promise<SweepReport>;
  /**
   * Pokes as `poke` does and tells of everybody whom the neighbour table gives then, each as soon as it shows. What was in the table before may be
   * of the past. Takes 3.2 s and more: only then nobody else is to be expected.
   */
  census(on: ScanInterface, network: Network, onSighting: (sighting: MacSighting) => void, signal: AbortSignal): Promise<SweepReport>;
}
