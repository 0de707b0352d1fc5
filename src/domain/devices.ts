import type { IpAddress, MacAddress } from "./addresses.ts";
import type { Device, DeviceId, OwnerName } from "./camera.ts";
import { groupOwners, type OwnerGroup } from "./device-groups.ts";
import { deviceUrls, loginUrlOf, onvifPortsOf, streamPathOf, streamPortOf } from "./device-access.ts";
import type { DocumentReading } from "./document.ts";
import { mainAddress, type OwnerFacts, ownerFacts, unique } from "./owner-facts.ts";
import type { ReasonCode } from "./reasons.ts";
import { kindOfHost } from "./source-url.ts";
import { urlsOf } from "./stream-source.ts";

/** What a person says of a camera in the options: adds to what the documents say, or overrides it. */
export interface CameraOption {
  /** Claims the camera or stream of that name, as does `name`; else the device at `address` or at the host of `url`; else it is a device of its own. */
  readonly id: string;
  readonly name?: string;
  readonly macs: readonly MacAddress[];
  readonly address?: IpAddress;
  /** The host name by which documents reach it is to be replaced by its address. */
  readonly pinHost?: boolean;
  /** A stream of the camera, credentials included. */
  readonly url?: string;
  readonly username?: string;
  readonly password?: string;
  readonly allowBasic?: boolean;
  /** False: not watched at all. */
  readonly enabled?: boolean;
  /** It runs on a battery: it is looked at only when it announces itself. */
  readonly battery?: boolean;
  /** The switch or button that cuts or resets its power. */
  readonly power?: string;
}

/** Something about the documents or options that a person should put right. */
export interface GroupProblem {
  readonly reason: Extract<ReasonCode, "DuplicateCamera" | "AddressesDiffer" | "NameShared">;
  readonly device: DeviceId;
  readonly message: string;
}

/** A camera that is left alone because it is disabled. */
export interface DisabledCamera {
  readonly title: string;
  readonly owners: readonly OwnerName[];
}

export interface Devices {
  /** In the order of the documents, then of the options. Only those that have an address, or an option of their own. */
  readonly devices: readonly Device[];
  readonly problems: readonly GroupProblem[];
  /** Devices that are left alone because every camera of theirs is disabled. */
  readonly disabled: readonly DisabledCamera[];
}

/**
 * Makes devices of what the documents say. Within one document owners that share an address, a name or a link are one; across documents only the
 * name joins. What is known stays: known devices are never merged, a new owner joins one only by its address in the same document.
 * @param known the device of each owner, as far as it was settled before
 */
export function groupDevices(
  readings: readonly DocumentReading[],
  options: readonly CameraOption[],
  known: ReadonlyMap<OwnerName, DeviceId>,
): Devices {
  const problems: GroupProblem[] = [];
  const devices: Device[] = [];
  const disabled: DisabledCamera[] = [];
  const facts = ownerFacts(readings);
  const groups = groupOwners(facts, known).map((group) => detail(group, facts));
  const usable = withoutDuplicates(options, problems);
  const claims = claimsOf(groups, usable, problems);
  const taken = new Set<string>([...known.values(), ...groups.flatMap((group) => group.known ?? [])]);

  for (const group of groups) {
    const option = claims.get(group);
    const addresses = addressesOf(group, groups);
    if (addresses.length === 0 && option === undefined) continue;
    const title = option?.name ?? titleOf(group);
    if (option?.enabled === false || group.disabled) {
      disabled.push({ title, owners: group.owners });
      continue;
    }
    const id = group.known ?? newId(option?.id ?? titleOf(group), taken);
    const device = deviceOf(id, title, group, addresses, option);
    devices.push(device);
    problems.push(...differing(device, group));
  }
  const claimed = new Set(claims.values());
  for (const option of usable) {
    if (claimed.has(option) || option.enabled === false) continue;
    const alone: Group = { known: undefined, owners: [], facts: [], disabled: false };
    devices.push(deviceOf(newId(option.id, taken), option.name ?? option.id, alone, [], option));
  }
  return { devices, problems, disabled };
}

interface Group extends OwnerGroup {
  readonly facts: readonly OwnerFacts[];
  readonly disabled: boolean;
}

function detail(group: OwnerGroup, all: readonly OwnerFacts[]): Group {
  const owners = new Set(group.owners);
  const facts = all.filter(({ owner }) => owners.has(owner));
  const cameras = facts.flatMap(({ camera }) => camera ?? []);
  return { ...group, facts, disabled: cameras.length > 0 && cameras.every((camera) => !camera.enabled) };
}

/** Every address its video comes from, less those that are another device's in the same document; else those of its ONVIF service and web page. */
function addressesOf(group: Group, groups: readonly Group[]): readonly IpAddress[] {
  const others = groups.filter((other) => other !== group).flatMap((other) => other.facts);
  const isOthers = (document: number, address: IpAddress) =>
    others.some((other) => other.document === document && mainAddress(other) === address);
  const mains = group.facts.flatMap((facts) => mainOf(facts, group) ?? []);
  const further = group.facts.flatMap((facts) => facts.video.filter((address) => !isOthers(facts.document, address)));
  return unique([...mains, ...further]);
}

/** A camera without video of its own counts with its ONVIF address only where no other part of the device in that document has video. */
function mainOf(facts: OwnerFacts, group: Group): IpAddress | undefined {
  if (facts.video.length > 0) return facts.video[0];
  const hasVideo = group.facts.some((other) => other.document === facts.document && other.video.length > 0);
  return hasVideo ? undefined : mainAddress(facts);
}

function deviceOf(id: DeviceId, title: string, group: Group, addresses: readonly IpAddress[], option: CameraOption | undefined): Device {
  const streams = group.facts.flatMap(({ stream }) =>
    stream?.sources.some((source) => source.address !== undefined) === true ? [stream] : [],
  );
  const cameras = group.facts.flatMap(({ camera }) => camera ?? []);
  const sources = [...streams.flatMap((stream) => stream.sources), ...cameras.flatMap((camera) => camera.directInputs)];
  const own =
    addresses.length > 0 ? addresses : unique([option?.address, addressIn(option?.url)].filter((address) => address !== undefined));
  const urls = deviceUrls(sources, own, option);
  const loginUrl = loginUrlOf(urls, option);
  return {
    id,
    title,
    owners: group.owners,
    addresses: own,
    streams: streams.filter((stream, index) => streams.findIndex((other) => other.name === stream.name) === index),
    streamPort: streamPortOf(urls),
    onvifPorts: onvifPortsOf(cameras, urls),
    ...(loginUrl === undefined ? {} : { loginUrl }),
    streamPath: streamPathOf(urls, loginUrl),
    allowBasic: option?.allowBasic ?? false,
    configuredMacs: option?.macs ?? [],
    ...(option?.battery === true ? { battery: true } : {}),
    ...(option?.power === undefined ? {} : { power: option.power }),
  };
}

function differing(device: Device, group: Group): readonly GroupProblem[] {
  const byDocument = Map.groupBy(group.facts, (facts) => facts.document);
  return [...byDocument.values()].flatMap((facts): readonly GroupProblem[] => {
    const found = unique(facts.flatMap(({ video, aside }) => [...video, ...aside]));
    if (found.length < 2) return [];
    const message = `${device.title} has ${found.length} different addresses in one document: ${found.join(", ")}`;
    return [{ reason: "AddressesDiffer", device: device.id, message }];
  });
}

function addressIn(url: string | undefined): IpAddress | undefined {
  const [found] = url === undefined ? [] : urlsOf(url);
  const kind = found === undefined ? undefined : kindOfHost(found.host);
  return kind?.kind === "address" ? kind.address : undefined;
}

function titleOf(group: Group): string {
  const owner = group.owners.find((name) => name.startsWith("camera:")) ?? group.owners[0] ?? "camera:camera";
  return owner.slice(7);
}

function newId(wanted: string, taken: Set<string>): DeviceId {
  let id = wanted;
  for (let count = 2; taken.has(id); count += 1) id = `${wanted}-${count}`;
  taken.add(id);
  return id as DeviceId;
}

/** Of two options with one id the first counts; a MAC address that two have counts for the first. */
function withoutDuplicates(options: readonly CameraOption[], problems: GroupProblem[]): readonly CameraOption[] {
  const ids = new Set<string>();
  const macs = new Map<MacAddress, string>();
  return options.flatMap((option) => {
    const device = option.id as DeviceId;
    if (ids.has(option.id)) {
      problems.push({ reason: "DuplicateCamera", device, message: `cameras holds the id ${option.id} twice; the second is not used` });
      return [];
    }
    ids.add(option.id);
    const own = option.macs.filter((mac) => {
      const other = macs.get(mac);
      if (other === undefined) macs.set(mac, option.id);
      else if (other !== option.id)
        problems.push({ reason: "DuplicateCamera", device, message: `${option.id} and ${other} have the same MAC address ${mac}` });
      return other === undefined;
    });
    return [{ ...option, macs: own }];
  });
}

function claimsOf(groups: readonly Group[], options: readonly CameraOption[], problems: GroupProblem[]): ReadonlyMap<Group, CameraOption> {
  const claims = new Map<Group, CameraOption>();
  for (const option of options) {
    const names = [option.id, ...(option.name === undefined ? [] : [option.name])];
    const addresses = new Set([option.address, addressIn(option.url)].filter((address) => address !== undefined));
    const named = names.map((name) =>
      groups.find((group) => group.owners.includes(`camera:${name}`) || group.owners.includes(`stream:${name}`)),
    );
    const located = groups.filter((group) => group.facts.some((facts) => addresses.has(mainAddress(facts) ?? ("" as IpAddress))));
    const group =
      groups.find(({ known }) => known === option.id) ??
      named.find((found) => found !== undefined) ??
      (located.length === 1 ? located[0] : undefined);
    if (group === undefined) continue;
    const first = claims.get(group);
    if (first === undefined) claims.set(group, option);
    else
      problems.push({
        reason: "DuplicateCamera",
        device: option.id as DeviceId,
        message: `${option.id} and ${first.id} mean the same camera; ${option.id} is not used`,
      });
  }
  return claims;
}
