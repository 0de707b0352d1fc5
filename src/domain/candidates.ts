import type { IpAddress, MacAddress } from "./addresses.ts";
import type { DeviceId } from "./camera.ts";
import { between, minutes, type Instant } from "./duration.ts";
import { sameEndpoint } from "./realm.ts";
import type { Layer, Sighting } from "./sighting.ts";
import type { VendorUid } from "./vendor-id.ts";

/** An address where a device may be. Nothing is proved of it. */
export interface Candidate {
  readonly address: IpAddress;
  readonly layer: Layer;
  readonly at: Instant;
  readonly hostName?: string;
}

/** A candidate that nobody looked at for so long is forgotten. */
const EXPIRY = minutes(10);
/** Candidates that are kept for one device. */
const KEPT = 16;

/**
 * The set with one more sighting: one candidate an address, at most sixteen; the oldest make room. A sighting of the same address makes it fresh;
 * what DHCP told stays told, so that a later look at the table does not hide the host name.
 */
export function noteSighting(
  set: readonly Candidate[],
  sighting: Pick<Sighting, "layer" | "address" | "at" | "hostName">,
): readonly Candidate[] {
  const { address, at, hostName } = sighting;
  const known = set.find((candidate) => candidate.address === address);
  const layer = known?.layer === "dhcp" ? "dhcp" : sighting.layer;
  const name = hostName ?? known?.hostName;
  const noted: Candidate = {
    address,
    layer,
    at: known === undefined || at > known.at ? at : known.at,
    ...(name === undefined ? {} : { hostName: name }),
  };
  return [...set.filter((candidate) => candidate !== known), noted].toSorted((one, other) => other.at - one.at).slice(0, KEPT);
}

/** The set without an address that a verdict was given on; a later sighting brings it back. */
export function withoutCandidate(set: readonly Candidate[], address: IpAddress): readonly Candidate[] {
  return set.filter((candidate) => candidate.address !== address);
}

/**
 * What to verify, in order: what DHCP told (the freshest first), other sightings (the freshest first), then the device's own earlier addresses (the
 * latest first). Expired candidates are left out, and so is `current`, which is looked at anyway. At most sixteen.
 * @param history earlier addresses, the latest first
 */
export function candidatesInOrder(
  set: readonly Candidate[],
  history: readonly IpAddress[],
  current: IpAddress | undefined,
  now: Instant,
): readonly Candidate[] {
  const live = set
    .filter((candidate) => between(candidate.at, now) <= EXPIRY && candidate.address !== current)
    .toSorted((one, other) => Number(other.layer === "dhcp") - Number(one.layer === "dhcp") || other.at - one.at);
  const seen = new Set(live.map((candidate) => candidate.address));
  const earlier = [...new Set(history)].filter((address) => address !== current && !seen.has(address));
  return [...live, ...earlier.map((address): Candidate => ({ address, layer: "history", at: now }))].slice(0, KEPT);
}

/** A device as sightings are matched with it. */
export interface Sought {
  readonly id: DeviceId;
  /** Every MAC of it: learned, given, or told by the device. */
  readonly macs: readonly MacAddress[];
  readonly endpoint?: string | undefined;
  readonly uid?: VendorUid | undefined;
  /** Where it is taken to be, and every address that the documents give it. */
  readonly addresses: readonly IpAddress[];
}

/** What a sighting is a reason for. A device is in one of the lists at most. */
export interface Routing {
  /** The address is a candidate of these devices: they are known by what was sighted and are taken to be elsewhere (too). */
  readonly candidateOf: readonly DeviceId[];
  /** Seen where these devices are taken to be: no news for a healthy one, a reason to look again at a lost one. */
  readonly confirms: readonly DeviceId[];
  /** Another device appeared at an address of these devices: they are to be looked at again. */
  readonly recheck: readonly DeviceId[];
}

/** Matches a sighting with the devices. What was not learned of a device makes it neither this one nor another. */
export function routeSighting(sighting: Pick<Sighting, "mac" | "endpoint" | "uid" | "address">, devices: readonly Sought[]): Routing {
  const at = (device: Sought): boolean => device.addresses.includes(sighting.address);
  const ids = (matches: (device: Sought) => boolean): readonly DeviceId[] => devices.filter(matches).map((device) => device.id);
  const has = (device: Sought): boolean => match(sighting, device) === true;
  return {
    candidateOf: ids((device) => has(device) && (!at(device) || device.addresses.length > 1)),
    confirms: ids((device) => has(device) && at(device) && device.addresses.length === 1),
    recheck: ids((device) => match(sighting, device) === false && at(device)),
  };
}

/** Whether the sighting names the device; undefined where that of it is not known. */
function match({ mac, endpoint, uid }: Pick<Sighting, "mac" | "endpoint" | "uid">, device: Sought): boolean | undefined {
  if (mac !== undefined) return device.macs.includes(mac);
  if (endpoint !== undefined) return device.endpoint === undefined ? undefined : sameEndpoint(endpoint, device.endpoint);
  return device.uid === undefined ? undefined : device.uid === uid;
}
