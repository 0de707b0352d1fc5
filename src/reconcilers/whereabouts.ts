import type { IpAddress } from "../domain/addresses.ts";
import type { OwnerName } from "../domain/camera.ts";
import type { Whereabouts } from "../domain/restart-needs.ts";
import type { Registry } from "../ports/registry.ts";
import type { Fleet } from "./fleet.ts";

/**
 * Where what a document names was proved to be, and the addresses that it left.
 * @param seen more addresses that it left: the history of a camera that moves often no longer holds them
 */
export function whereaboutsOf(
  fleet: Fleet,
  registry: Pick<Registry, "device">,
  owner: OwnerName,
  seen: Iterable<IpAddress> = [],
): Whereabouts | undefined {
  const id = fleet.deviceOf(owner);
  const settled = id === undefined ? undefined : fleet.settled(id);
  if (id === undefined || settled === undefined) return undefined;
  const known = [settled.previous, ...(registry.device(id)?.history ?? []), ...seen];
  const former = new Set(known.filter((address) => address !== undefined));
  const pinnedAt = fleet.pinnedAt(id);
  return { address: settled.address, former, ...(pinnedAt === undefined ? {} : { pinnedAt }) };
}
