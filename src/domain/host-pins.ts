import type { IpAddress } from "./addresses.ts";
import { nameOf, type OwnerName } from "./camera.ts";
import type { LeftAlone } from "./document.ts";
import type { Gathered } from "./document-format.ts";
import { isHostName } from "./host-name.ts";
import { type FoundHost, readSource, type SourceReading } from "./stream-source.ts";

/** A camera of the options. */
export interface NamedCamera {
  /** What the documents may call it. */
  readonly names: readonly string[];
  /** A person asked that the host name by which the documents reach it be replaced, and said which address the name stands for. */
  readonly pinnedAt?: IpAddress;
}

/** What is to become of the host names in one document; names in lower case. */
export interface NameRuling {
  /** The address that a name stands for. */
  readonly pinned: ReadonlyMap<string, IpAddress>;
  /** Names that a person asked to have replaced and that are left, and why. */
  readonly refused: ReadonlyMap<string, Extract<LeftAlone["why"], "shared-name" | "several-names">>;
}

export const NO_NAMES: NameRuling = { pinned: new Map(), refused: new Map() };

/** The cameras of the options, with what a person asked about their host names. */
export function namedCameras(
  options: readonly {
    readonly id: string;
    readonly name?: string | undefined;
    readonly address?: IpAddress | undefined;
    readonly pin_host: boolean;
  }[],
): readonly NamedCamera[] {
  return options.map(({ id, name, address, pin_host: isAsked }) => ({
    names: name === undefined ? [id] : [id, name],
    ...(isAsked && address !== undefined ? { pinnedAt: address } : {}),
  }));
}

interface Use {
  readonly owner: OwnerName;
  readonly name: string;
  readonly isVideo: boolean;
  /** It stands in the place itself, not in a variable that fills it. */
  readonly isLiteral: boolean;
}

/**
 * Which host names stand for which camera's address. Only what a person asked for is replaced: a name that the camera's own places use, the only one that
 * they use for its video, and that no other camera uses.
 */
export function ruleNames(gathered: Gathered, cameras: readonly NamedCamera[]): NameRuling {
  const pinned = new Map<string, IpAddress>();
  const refused = new Map<string, "shared-name" | "several-names">();
  const uses = usesOf(gathered);
  for (const camera of cameras) {
    if (camera.pinnedAt === undefined) continue;
    const owners = ownersOf(camera, gathered);
    const own = uses.filter((use) => use.isLiteral && owners.has(use.owner));
    const video = new Set(own.filter((use) => use.isVideo).map((use) => use.name));
    const names = video.size > 0 ? video : new Set(own.map((use) => use.name));
    const isOthers = ({ owner }: Use): boolean => !owners.has(owner) && isClaimed(owner, gathered, cameras);
    for (const name of names) {
      const known = pinned.get(name);
      const isShared = (known ?? camera.pinnedAt) !== camera.pinnedAt || uses.some((use) => use.name === name && isOthers(use));
      if (isShared) refused.set(name, "shared-name");
      else if (names.size > 1) refused.set(name, "several-names");
      else pinned.set(name, camera.pinnedAt);
    }
  }
  for (const name of refused.keys()) pinned.delete(name);
  return { pinned, refused };
}

function usesOf({ places }: Gathered): readonly Use[] {
  return places.flatMap(({ owner, kind, hosts }) =>
    hosts.flatMap((host): readonly Use[] => {
      if (host.kind !== "left" || host.why !== "hostname") return [];
      const isVideo = kind === "stream" || kind === "input";
      return [{ owner, name: host.host.toLowerCase(), isVideo, isLiteral: host.at !== undefined && isHostName(host.host) }];
    }),
  );
}

/** The camera's own name in the document, the streams that it reads, and the cameras that read those. */
function ownersOf({ names }: NamedCamera, { cameras }: Gathered): ReadonlySet<OwnerName> {
  const owners = new Set<OwnerName>(names.flatMap((name) => [`camera:${name}` as const, `stream:${name}` as const]));
  let known: number;
  do {
    known = owners.size;
    for (const { name, streams } of cameras) {
      const links = [`camera:${name}` as const, ...streams.map((stream) => `stream:${stream}` as const)];
      if (links.some((link) => owners.has(link))) for (const link of links) owners.add(link);
    }
  } while (owners.size > known);
  return owners;
}

/** Whether it is known to be some camera's: a stream that no camera reads belongs to whoever has its host. */
function isClaimed(owner: OwnerName, { cameras }: Gathered, named: readonly NamedCamera[]): boolean {
  const name = nameOf(owner);
  return (
    owner.startsWith("camera:") || cameras.some(({ streams }) => streams.includes(name)) || named.some(({ names }) => names.includes(name))
  );
}

/** The hosts of a place with the names that stand for an address taken as that address. */
export function pinHosts(hosts: readonly FoundHost[], ruling: NameRuling): readonly FoundHost[] {
  return hosts.map((host) => {
    if (host.kind !== "left" || host.why !== "hostname" || host.at === undefined) return host;
    const name = host.host.toLowerCase();
    const address = ruling.pinned.get(name);
    if (address !== undefined && isHostName(host.host)) return { kind: "address", address, name: host.host, ...host.at };
    const why = ruling.refused.get(name);
    return why === undefined ? host : { ...host, why };
  });
}

/** A source in which the names that stand for an address are taken as that address; what it says by name is kept beside it. */
export function pinReading(reading: SourceReading, ruling: NameRuling): SourceReading {
  const hosts = pinHosts(reading.hosts, ruling);
  const name = hosts.flatMap((host) => (host.kind === "address" ? (host.name ?? []) : []))[0];
  if (name === undefined || reading.resolved === undefined) return { ...reading, hosts };
  return { ...reading, hosts, resolved: withAddresses(reading.resolved, ruling), named: { host: name, resolved: reading.resolved } };
}

function withAddresses(resolved: string, ruling: NameRuling): string {
  const hosts = pinHosts(readSource(resolved, "none", new Map()).hosts, ruling);
  return hosts.reduceRight(
    (text, host) =>
      host.kind === "address" && host.name !== undefined ? text.slice(0, host.start) + host.address + text.slice(host.end) : text,
    resolved,
  );
}
