import type { DeviceId, OwnerName } from "./camera.ts";
import { mainAddress, type OwnerFacts, unique } from "./owner-facts.ts";

/** Cameras and streams that are one physical thing. */
export interface OwnerGroup {
  /** The device that its owners were known as before. */
  readonly known: DeviceId | undefined;
  /** In the order of the documents. */
  readonly owners: readonly OwnerName[];
}

/** A known device, or a new one by an owner of it. */
type GroupKey = `known ${string}` | `fresh ${OwnerName}`;

const KNOWN = "known ";

/** What several documents together say of an owner. */
interface Entry {
  readonly owner: OwnerName;
  readonly facts: readonly OwnerFacts[];
}

/**
 * Groups owners into devices. Within one document a shared address, a shared name or a link joins; across documents only the name does: the same
 * address in two documents may be two cameras, one of the documents not healed yet. What was known stays as it was: known devices are never
 * merged, and a new owner joins one only where it shares that device's address in the same document and no other's.
 */
export function groupOwners(all: readonly OwnerFacts[], known: ReadonlyMap<OwnerName, DeviceId>): readonly OwnerGroup[] {
  const entries = [...Map.groupBy(all, (facts) => facts.owner)].map(([owner, facts]): Entry => ({ owner, facts }));
  const groups = new Map<OwnerName, GroupKey>();
  for (const entry of entries) {
    const id = known.get(entry.owner) ?? (hasAddress(entry) ? deviceByAddress(entry, all, known) : undefined);
    if (id !== undefined) groups.set(entry.owner, `known ${id}`);
  }
  const fresh = entries.filter((entry) => !groups.has(entry.owner) && hasAddress(entry));
  const rootOf = joinFresh(fresh, all);
  for (const { owner } of fresh) groups.set(owner, `fresh ${rootOf(owner)}`);
  attachWithoutAddress(entries, groups);
  const members = Map.groupBy(entries, ({ owner }) => groups.get(owner) ?? (`fresh ${owner}` satisfies GroupKey));
  return [...members].map(([key, group]) => ({
    known: key.startsWith(KNOWN) ? (key.slice(KNOWN.length) as DeviceId) : undefined,
    owners: group.map(({ owner }) => owner),
  }));
}

function hasAddress(entry: Entry): boolean {
  return entry.facts.some((facts) => mainAddress(facts) !== undefined);
}

/** The one known device whose address the new owner has, in the same document; where several have it, the one that name or link speaks for. */
function deviceByAddress(entry: Entry, all: readonly OwnerFacts[], known: ReadonlyMap<OwnerName, DeviceId>): DeviceId | undefined {
  const sharing = all.filter((other) => known.has(other.owner) && entry.facts.some((own) => sharesAddress(own, other)));
  const devices = unique(sharing.flatMap((other) => known.get(other.owner) ?? []));
  if (devices.length === 1) return devices[0];
  const spokenFor = unique(
    sharing.filter((other) => entry.facts.some((own) => isRelated(own, other))).flatMap((other) => known.get(other.owner) ?? []),
  );
  return spokenFor.length === 1 ? spokenFor[0] : undefined;
}

/** Joins owners that are all new. @returns a function that gives the owner that stands for its group */
function joinFresh(fresh: readonly Entry[], all: readonly OwnerFacts[]): (owner: OwnerName) => OwnerName {
  const parent = new Map<OwnerName, OwnerName>();
  const rootOf = (owner: OwnerName): OwnerName => {
    let root = owner;
    for (let next = parent.get(root); next !== undefined; next = parent.get(root)) root = next;
    return root;
  };
  const names = new Set(fresh.map(({ owner }) => owner));
  const facts = all.filter(({ owner }) => names.has(owner));
  const places = new Map<string, OwnerName>();
  const join = (one: OwnerName, other: OwnerName) => {
    const [left, right] = [rootOf(one), rootOf(other)];
    if (left !== right) parent.set(right, left);
  };
  for (const own of facts) {
    const place = `${own.document} ${mainAddress(own) ?? own.owner}`;
    const first = places.get(place);
    if (first === undefined) places.set(place, own.owner);
    else if (!differElsewhere(facts, first, own.owner)) join(first, own.owner);
    for (const related of [...own.links, sameNamed(own.owner)]) if (names.has(related)) join(own.owner, related);
  }
  return rootOf;
}

/** Owners without an address of their own belong to what they read, or else to what is called the same, where that is one thing alone. */
function attachWithoutAddress(entries: readonly Entry[], groups: Map<OwnerName, GroupKey>): void {
  const attach = (related: (entry: Entry) => readonly OwnerName[]): boolean => {
    const found = entries.flatMap((entry) => {
      if (groups.has(entry.owner)) return [];
      const [group, ...others] = unique(related(entry).flatMap((owner) => groups.get(owner) ?? []));
      return group === undefined || others.length > 0 ? [] : [{ owner: entry.owner, group }];
    });
    for (const { owner, group } of found) groups.set(owner, group);
    return found.length > 0;
  };
  const links = (entry: Entry) => entry.facts.flatMap((facts) => facts.links);
  const named = (entry: Entry) => [sameNamed(entry.owner)];
  let attached = true;
  while (attached) attached = attach(links) || attach(named);
}

/** Another document tells the two apart: the one in which they share an address is not healed yet. */
function differElsewhere(facts: readonly OwnerFacts[], one: OwnerName, other: OwnerName): boolean {
  const others = facts.filter((own) => own.owner === other);
  return facts.some(
    (own) => own.owner === one && others.some((second) => second.document === own.document && mainAddress(second) !== mainAddress(own)),
  );
}

function sharesAddress(one: OwnerFacts, other: OwnerFacts): boolean {
  const address = mainAddress(one);
  return one.document === other.document && address !== undefined && mainAddress(other) === address;
}

function isRelated(one: OwnerFacts, other: OwnerFacts): boolean {
  return sameNamed(one.owner) === other.owner || one.links.includes(other.owner) || other.links.includes(one.owner);
}

/** The stream that is called as the camera, or the other way round. */
function sameNamed(owner: OwnerName): OwnerName {
  return owner.startsWith("camera:") ? `stream:${owner.slice(7)}` : `camera:${owner.slice(7)}`;
}
