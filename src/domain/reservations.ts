import { type IpAddress, ipToNumber, isLocallyAdministered, type MacAddress } from "./addresses.ts";
import type { DeviceId } from "./camera.ts";
import type { Instant } from "./duration.ts";

/** One camera as a DHCP server is to know it. */
export interface Reservation {
  readonly device: DeviceId;
  /** A DNS label of at most 63 letters, digits and hyphens, different from every other. */
  readonly name: string;
  /** The first is the one that is reserved for where a server takes a single one. */
  readonly macs: readonly [MacAddress, ...MacAddress[]];
  readonly address: IpAddress;
}

/** Something that a person should know before relying on a reservation. */
export interface ReservationNote {
  readonly device: DeviceId;
  readonly kind: "made-up" | "several" | "shared-mac" | "shared-address" | "no-address" | "no-mac";
  /** One sentence without secrets. */
  readonly message: string;
}

export interface Reservations {
  /** In the order of their addresses. */
  readonly reservations: readonly Reservation[];
  /** About what is reserved, and about what is left out. */
  readonly notes: readonly ReservationNote[];
}

/** What was learned of a camera, as far as a reservation needs it. */
export interface Reservable {
  readonly id: DeviceId;
  readonly macs: readonly MacAddress[];
  readonly address?: IpAddress;
  readonly verifiedAt?: Instant;
}

/**
 * What can be reserved. A MAC address that two cameras have is nobody's, so those cameras are left out; of two cameras at one address the one that was
 * proved there last has it. A MAC address that the device makes up is reserved, and said to be worth little.
 */
export function reservationsOf(cameras: readonly Reservable[]): Reservations {
  const notes: ReservationNote[] = [];
  const note = (device: DeviceId, kind: ReservationNote["kind"], message: string): void => void notes.push({ device, kind, message });
  const holders = Map.groupBy(
    cameras.flatMap(({ id, macs }) => [...new Set(macs)].map((mac) => ({ id, mac }))),
    ({ mac }) => mac,
  );
  const reserved: Omit<Reservation, "name">[] = [];
  for (const { id, macs, address } of cameras) {
    const shared = macs.find((mac) => (holders.get(mac)?.length ?? 0) > 1);
    const [first, ...others] = inOrder(macs);
    if (address === undefined) note(id, "no-address", `${id} was never proved at an address`);
    else if (first === undefined)
      note(
        id,
        "no-mac",
        `of ${id} no MAC address is known: sync or run learns it while the camera answers on this network, import takes it from a list`,
      );
    else if (shared !== undefined) {
      const names = (holders.get(shared) ?? []).map((holder) => holder.id).filter((other) => other !== id);
      note(id, "shared-mac", `${id} has the MAC address ${shared} in common with ${names.join(", ")}: a repeater, or a mistake`);
    } else reserved.push({ device: id, macs: [first, ...others], address });
  }
  const verified = new Map(cameras.map((camera) => [camera.id, camera.verifiedAt ?? 0]));
  const byAddress = Map.groupBy(reserved, ({ address }) => address);
  const kept = [...byAddress.values()].flatMap((claims) => {
    const [winner, ...others] = claims.toSorted((one, other) => (verified.get(other.device) ?? 0) - (verified.get(one.device) ?? 0));
    for (const { device, address } of others)
      note(device, "shared-address", `${device} was last proved at ${address}, where ${winner?.device ?? "another"} is by now`);
    return winner === undefined ? [] : [winner];
  });
  for (const { device, macs } of kept) {
    const [first, ...others] = macs;
    if (isLocallyAdministered(first)) note(device, "made-up", `${device} makes its MAC address ${first} up and may have another tomorrow`);
    if (others.length > 0) note(device, "several", `${device} has other MAC addresses too: ${others.join(", ")}`);
  }
  const taken = new Set<string>();
  const reservations = kept
    .toSorted((one, other) => ipToNumber(one.address) - ipToNumber(other.address))
    .map((one): Reservation => ({ ...one, name: hostNameOf(one.device, taken) }));
  return { reservations, notes };
}

/** Those that the maker gave first. */
function inOrder(macs: readonly MacAddress[]): readonly MacAddress[] {
  return [...new Set(macs)].toSorted((one, other) => Number(isLocallyAdministered(one)) - Number(isLocallyAdministered(other)));
}

/**
 * A label that every server takes (RFC 1123 §2.1). A name that dnsmasq would read as a lease time or a keyword (`90`, `12h`, `ignore`; dnsmasq(8),
 * --dhcp-host) gets a word in front.
 */
function hostNameOf(id: string, taken: Set<string>): string {
  const plain = id
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  const isOtherwiseRead = plain === "" || /^\d+[a-z]?$/.test(plain) || ["ignore", "infinite", "deprecated"].includes(plain);
  const base = (isOtherwiseRead ? `camera-${plain}` : plain).slice(0, 56).replace(/-+$/, "");
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base}-${count}`;
  taken.add(name);
  return name;
}
