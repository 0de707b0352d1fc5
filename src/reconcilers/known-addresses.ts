import type { IpAddress } from "../domain/addresses.ts";
import type { Device, OwnerName } from "../domain/camera.ts";
import type { KnownAddresses } from "../domain/text-document.ts";
import type { Registry } from "../ports/registry.ts";
import type { Fleet } from "./fleet.ts";

/** Whose each address is, was, or is by the documents, for a text that follows some of the cameras. */
export function knownAddresses(fleet: Fleet, registry: Registry, follows: readonly OwnerName[]): KnownAddresses {
  const followed = new Map<OwnerName, ReadonlySet<IpAddress>>();
  const mine = new Set<string>();
  for (const owner of follows) {
    const id = fleet.deviceOf(owner);
    const device = id === undefined ? undefined : fleet.device(id);
    if (device === undefined || mine.has(device.id)) continue;
    mine.add(device.id);
    followed.set(owner, new Set(addressesOf(device, fleet, registry)));
  }
  const others = fleet.devices.filter(({ id }) => !mine.has(id)).flatMap((device) => addressesOf(device, fleet, registry));
  return { followed, others: new Set(others) };
}

function addressesOf(device: Device, fleet: Fleet, registry: Registry): readonly IpAddress[] {
  const record = registry.device(device.id);
  const settled = fleet.settled(device.id);
  const single = [settled?.address, settled?.previous, record?.address].filter((address) => address !== undefined);
  return [...device.addresses, ...single, ...(record?.history ?? [])];
}
