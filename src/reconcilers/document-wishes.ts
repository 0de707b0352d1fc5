import type { IpAddress } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import type { HostEdit, Occurrence } from "../domain/document.ts";
import { milliseconds } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";
import type { Registry } from "../ports/registry.ts";
import type { Fleet } from "./fleet.ts";
import type { Holds } from "./holds.ts";

/** The devices that a place belongs to. */
export function devicesOfOwners(fleet: Fleet, owners: Occurrence["owners"]): readonly DeviceId[] {
  return owners.flatMap((owner) => fleet.deviceOf(owner) ?? []);
}

/**
 * The address that an occurrence should have: its device's, where the one it has is a former one of that device. Undefined where it stays: the device is not
 * settled, its owners disagree, or it is not to be healed to that address.
 */
export function wantedAt(fleet: Fleet, registry: Registry, holds: Holds, occurrence: Occurrence): IpAddress | undefined {
  const wanted = new Set<IpAddress>();
  for (const id of new Set(devicesOfOwners(fleet, occurrence.owners))) {
    const settled = fleet.settled(id);
    if (settled === undefined || holds.has(id, settled.address)) return undefined;
    const formerly = registry.device(id)?.history.includes(occurrence.address) === true || settled.previous === occurrence.address;
    wanted.add(formerly ? settled.address : occurrence.address);
  }
  const [address, ...others] = wanted;
  return others.length === 0 && address !== occurrence.address ? address : undefined;
}

/** True where an address that is to be written still belongs to a device that is not settled: the two may have swapped. */
export function mayBeSwap(fleet: Fleet, edits: readonly HostEdit[]): boolean {
  const moving = new Set(edits.flatMap((edit) => devicesOfOwners(fleet, edit.owners)));
  return edits.some((edit) => fleet.devices.some((device) => !moving.has(device.id) && device.addresses.includes(edit.to)));
}

/** How long after the first hint the edits were made; nothing where there was none. */
export function sinceHint(fleet: Fleet, clock: Clock, edits: readonly HostEdit[]): { readonly after?: ReturnType<typeof milliseconds> } {
  const hints = edits.flatMap((edit) => devicesOfOwners(fleet, edit.owners)).flatMap((id) => fleet.settled(id)?.hintAt ?? []);
  return hints.length === 0 ? {} : { after: milliseconds(clock.monotonic() - Math.min(...hints)) };
}

/** Whether the occurrence is where the edit was made, and still as it left it. */
export const isMadeBy = (edit: HostEdit, { path, address }: Occurrence): boolean =>
  edit.to === address && edit.path.length === path.length && edit.path.every((key, index) => key === path[index]);
