import { isLocallyAdministered, type IpAddress, type MacAddress } from "./addresses.ts";
import { type Device, type DeviceId, nameOf } from "./camera.ts";
import type { ListedMac } from "./mac-list.ts";

/** A camera as a list of MAC addresses is matched with it. */
export interface Listable {
  readonly device: Device;
  /** Learned ones, and those of the options. */
  readonly macs: readonly MacAddress[];
  /** Where it is taken to be now, and where the documents say. */
  readonly addresses: readonly IpAddress[];
}

/** What becomes of one line. */
export interface ImportVerdict {
  readonly line: number;
  readonly mac: MacAddress;
  /** `other`: no configured camera. `refused`: a person must decide. */
  readonly kind: "taken" | "known" | "other" | "refused";
  readonly device?: DeviceId;
  /** One sentence for a person. */
  readonly message: string;
  /** What is said besides. */
  readonly warning?: string;
}

export interface ImportPlan {
  readonly verdicts: readonly ImportVerdict[];
  /** Every MAC address that the device is to have learned. */
  readonly macs: ReadonlyMap<DeviceId, readonly MacAddress[]>;
}

/**
 * Which MAC addresses of a list belong to which configured camera: by its id or a name of it, else by the address that it has now. A name wins over an
 * address, for addresses in a list may be those of last week. What was learned and differs stays, unless `force`; nobody gets a MAC address of another.
 */
export function planImport(list: readonly ListedMac[], cameras: readonly Listable[], force: boolean): ImportPlan {
  const matched = list.map((entry) => ({ entry, ...matchOf(entry, cameras) }));
  const named = new Set(matched.flatMap(({ by, found }) => (by === "name" ? found.map(({ device }) => device.id) : [])));
  const holders = new Map<MacAddress, DeviceId>(cameras.flatMap(({ device, macs }) => macs.map((mac) => [mac, device.id] as const)));
  const macs = new Map<DeviceId, readonly MacAddress[]>();
  const verdicts = matched.map(({ entry, by, found }): ImportVerdict => {
    const { line, mac } = entry;
    const [camera, ...others] = found;
    const said = { line, mac };
    if (camera === undefined) return { ...said, kind: "other", message: "no configured camera has that name or address" };
    if (others.length > 0) {
      const ids = found.map(({ device }) => device.id).join(" and ");
      return { ...said, kind: "refused", message: `it may be ${ids}: write the id in its name` };
    }
    const { id } = camera.device;
    const mine = { ...said, device: id };
    if (by === "address" && named.has(id))
      return { ...said, kind: "other", message: `it is listed at the address of ${id}, which another line names` };
    const holder = holders.get(mac);
    if (holder === id) return { ...mine, kind: "known", message: `${id} is known by it` };
    if (holder !== undefined)
      return { ...mine, kind: "refused", message: `${holder} has that MAC address: correct the list, or mac under cameras` };
    const learned = macs.get(id);
    if (camera.macs.length > 0 && !force && learned === undefined)
      return {
        ...mine,
        kind: "refused",
        message: `${id} is known by ${camera.macs.join(", ")}: with --force it is known by this one instead`,
      };
    macs.set(id, [...(learned ?? []), mac]);
    holders.set(mac, id);
    const way = by === "name" ? "" : `, which is at ${entry.address ?? "its address"}`;
    const taken: ImportVerdict = { ...mine, kind: "taken", message: `taken for ${id}${way}` };
    return isLocallyAdministered(mac) ? { ...taken, warning: "the device makes it up, so it proves little" } : taken;
  });
  return { verdicts, macs };
}

function matchOf(
  { name, address }: ListedMac,
  cameras: readonly Listable[],
): { readonly by: "name" | "address"; readonly found: readonly Listable[] } {
  const byName = name === undefined ? [] : namedAs(name, cameras);
  if (byName.length > 0) return { by: "name", found: byName };
  return { by: "address", found: address === undefined ? [] : cameras.filter(({ addresses }) => addresses.includes(address)) };
}

function namedAs(name: string, cameras: readonly Listable[]): readonly Listable[] {
  const exact = cameras.filter(({ device }) => device.id === name);
  if (exact.length > 0) return exact;
  const wanted = folded(name);
  return cameras.filter(({ device }) => {
    const owners = device.owners.map(nameOf);
    return wanted !== "" && [device.id, device.title, ...owners].some((known) => folded(known) === wanted);
  });
}

/** `Front Door`, `front_door` and `front-door` are one name. */
function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_.-]+/g, "_");
}
