import type { IpAddress } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import type { HostName } from "../domain/host-name.ts";
import { type HostEdit, hostOf, type Occurrence } from "../domain/document.ts";
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
    if (occurrence.name !== undefined && keepsName(fleet, holds, id, occurrence.name)) return undefined;
    // A name that a person asked to have replaced gives way to wherever the camera was proved.
    const isPinned = occurrence.name !== undefined;
    const formerly = registry.device(id)?.history.includes(occurrence.address) === true || settled.previous === occurrence.address;
    wanted.add(isPinned || formerly ? settled.address : occurrence.address);
  }
  const [address, ...others] = wanted;
  return others.length === 0 && (occurrence.name !== undefined || address !== occurrence.address) ? address : undefined;
}

/**
 * Whether a name that a person asked to have replaced is left for now: the camera was not proved, the person took it back, or another camera of any
 * document has the same name.
 */
export function keepsName(fleet: Fleet, holds: Holds, id: DeviceId, name: HostName): boolean {
  return fleet.settled(id)?.isVerified !== true || holds.hasName(id, name) || isSharedName(fleet, name, id);
}

/** Whether a camera other than this one is reached by the name in any document. */
export function isSharedName(fleet: Fleet, name: HostName, id: DeviceId): boolean {
  const folded = name.toLowerCase();
  const owners = fleet.documents.flatMap(({ reading }) => [
    ...reading.occurrences.flatMap((one) => (one.name?.toLowerCase() === folded ? one.owners : [])),
    ...reading.leftAlone.flatMap((left) => (left.host.toLowerCase() === folded ? left.owners : [])),
  ]);
  return owners.some((owner) => {
    const device = fleet.deviceOf(owner);
    return device === undefined ? owner.startsWith("camera:") : device !== id;
  });
}

/** True where an address that is to be written still belongs to a device that is not settled: the two may have swapped. */
export function mayBeSwap(fleet: Fleet, edits: readonly HostEdit[]): boolean {
  const moving = new Set(edits.flatMap((edit) => devicesOfOwners(fleet, edit.owners)));
  return edits.some(({ to }) =>
    fleet.devices.some((device) => !moving.has(device.id) && device.addresses.some((address) => address === to)),
  );
}

/** How long after the first hint the edits were made; nothing where there was none. */
export function sinceHint(fleet: Fleet, clock: Clock, edits: readonly HostEdit[]): { readonly after?: ReturnType<typeof milliseconds> } {
  const hints = edits.flatMap((edit) => devicesOfOwners(fleet, edit.owners)).flatMap((id) => fleet.settled(id)?.hintAt ?? []);
  return hints.length === 0 ? {} : { after: milliseconds(clock.monotonic() - Math.min(...hints)) };
}

/** Whether the occurrence is where the edit was made, and still as it left it. */
export const isMadeBy = (edit: HostEdit, { path, ...written }: Occurrence): boolean =>
  edit.to === hostOf(written) && edit.path.length === path.length && edit.path.every((key, index) => key === path[index]);
