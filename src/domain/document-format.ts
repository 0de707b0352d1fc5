import { isHostAddress, parseIp, type IpAddress } from "./addresses.ts";
import type { ConfiguredStream, OwnerName } from "./camera.ts";
import {
  type ConfiguredCamera,
  DocumentError,
  type DocumentFormat,
  type DocumentReading,
  type HostEdit,
  hostOf,
  type LeftAlone,
  type Occurrence,
} from "./document.ts";
import { isHostName } from "./host-name.ts";
import { NO_NAMES, type NamedCamera, type NameRuling, ruleNames } from "./host-pins.ts";
import { notProved, understandAgain } from "./not-proved.ts";
import { proveSplices, type Splice, spliceText } from "./splice.ts";
import type { FoundHost } from "./stream-source.ts";
import { parseYaml, spanInText, type YamlScalar, type YamlText } from "./yaml-text.ts";

/** A scalar that may name a camera's address, as one format's table of key paths finds it. */
export interface Place {
  readonly scalar: YamlScalar;
  readonly kind: Exclude<Occurrence["kind"], "variable" | "text">;
  readonly owner: OwnerName;
  readonly hosts: readonly FoundHost[];
  /** Variables of the document itself that this place is filled from. */
  readonly variables: ReadonlyMap<string, YamlScalar>;
}

/** What a format's table of key paths finds in a text. */
export interface Gathered {
  readonly cameras: readonly ConfiguredCamera[];
  readonly streams: readonly ConfiguredStream[];
  readonly places: readonly Place[];
  /** Scalars that something other than a camera depends on too: never rewritten. */
  readonly guarded: ReadonlySet<YamlScalar>;
}

interface Hosts {
  readonly occurrences: readonly Located[];
  readonly leftAlone: readonly LeftAlone[];
}

interface Located {
  readonly occurrence: Occurrence;
  readonly scalar: YamlScalar;
  /** Offsets in the scalar's decoded value. */
  readonly from: number;
  readonly to: number;
}

/**
 * Makes a document format of its table of key paths. All that splices and proves is here, the same for every format.
 * @param cameras those of the options; a host name is a place of its camera only where one of them asks for it
 */
export function documentFormat(
  kind: DocumentFormat["kind"],
  gather: (yaml: YamlText, names: NameRuling) => Gathered,
  cameras: readonly NamedCamera[] = [],
): DocumentFormat {
  const mayBeNamed = cameras.some(({ pinnedAt }) => pinnedAt !== undefined);
  const understand = (text: string, given?: NameRuling) => {
    const yaml = parseYaml(text);
    refuseOtherRoots(yaml);
    const plain = gather(yaml, NO_NAMES);
    const names = given ?? ruleNames(plain, cameras);
    const gathered = names.pinned.size + names.refused.size === 0 ? plain : gather(yaml, names);
    const hosts = locate(yaml, gathered);
    return { yaml, names, hosts, reading: readingOf(gathered, hosts) };
  };
  return {
    kind,
    read: (text) => understand(text).reading,
    rewrite: (text, hostFor) => {
      const before = understand(text);
      const edits: HostEdit[] = [];
      const splices: Splice[] = [];
      const pinned = new Map<string, IpAddress>(before.names.pinned);
      const expected = before.reading.occurrences.map((occurrence, index) => {
        const to = hostFor(occurrence);
        const located = before.hosts.occurrences[index];
        if (to === undefined || to === hostOf(occurrence) || located === undefined) return occurrence;
        const address = parseIp(to);
        const name = mayBeNamed && isHostName(to) ? to : undefined;
        if (name === undefined && (address === undefined || !isHostAddress(address)))
          throw notProved(`${JSON.stringify(to)} is not an address that a camera can have`);
        edits.push({ path: occurrence.path, owners: occurrence.owners, from: hostOf(occurrence), to });
        splices.push({ ...located, start: occurrence.start, end: occurrence.end, replacement: to });
        // A name that is put back stands for the address that it takes the place of.
        if (name !== undefined) pinned.set(name.toLowerCase(), occurrence.address);
        const { name: _former, ...rest } = occurrence;
        return name === undefined ? { ...rest, address: address ?? rest.address } : { ...rest, name };
      });
      if (splices.length === 0) return { text, edits: [] };
      const spliced = spliceText(text, splices);
      // With the same names as before: what a name stands for must not follow from what else was written.
      const after = understandAgain((again) => understand(again, { pinned, refused: before.names.refused }), spliced);
      const difference = proveSplices(before.yaml, after.yaml, splices) ?? otherPlaces(before.reading, expected, after.reading);
      if (difference !== undefined) throw notProved(difference);
      return { text: spliced, edits };
    },
  };
}

/** The same places with the same owners must be found afterwards, each with the address that was intended. */
function otherPlaces(before: DocumentReading, expected: readonly Occurrence[], after: DocumentReading): string | undefined {
  const said = (occurrences: readonly Occurrence[]) =>
    JSON.stringify(occurrences.map(({ path, kind, owners, address, name }) => [path, kind, owners, address, name]));
  if (said(expected) !== said(after.occurrences)) return "other addresses than the intended ones would change";
  return JSON.stringify(before.leftAlone) === JSON.stringify(after.leftAlone) ? undefined : "places that are left alone would change";
}

function refuseOtherRoots(yaml: YamlText): void {
  for (const root of yaml.roots) {
    if (root.kind === "mapping" || (root.kind === "scalar" && /^(?:|~|null)$/i.test(root.value))) continue;
    throw new DocumentError("DocumentUnreadable", "the document holds no settings: its top level must be keys with values", 1, 1);
  }
}

function locate(yaml: YamlText, gathered: Gathered): Hosts {
  const found = new Map<number, Located>();
  const left = new Map<string, LeftAlone>();
  const leave = (place: Place, host: Omit<LeftAlone, "path" | "owners">) => {
    const path = place.scalar.path;
    const key = JSON.stringify([path, host]);
    left.set(key, { path, owners: joined(left.get(key)?.owners ?? [], place.owner), ...host });
  };
  const keep = (place: Place, host: Extract<FoundHost, { kind: "address" | "variable" }>) => {
    const inVariable = host.kind === "variable";
    const scalar = inVariable ? place.variables.get(host.variable) : place.scalar;
    const name = inVariable ? undefined : host.name;
    const written = hostOf({ address: host.address, ...(name === undefined ? {} : { name }) });
    if (scalar?.value.slice(host.start, host.end) !== written)
      return leave(place, { host: written, why: "placeholder", ...(inVariable ? { variable: host.variable } : {}) });
    const span = gathered.guarded.has(scalar) ? undefined : spanInText(yaml, scalar, host.start, host.end);
    if (span === undefined)
      return leave(place, { host: written, why: "not-rewritable", ...(inVariable ? { variable: host.variable } : {}) });
    const known = found.get(span.start)?.occurrence;
    const owners = joined(known?.owners ?? [], place.owner);
    const kind = known?.kind ?? (inVariable ? "variable" : place.kind);
    const occurrence: Occurrence = {
      path: scalar.path,
      kind,
      owners,
      address: host.address,
      ...(name === undefined ? {} : { name }),
      ...span,
    };
    found.set(span.start, { occurrence, scalar, from: host.start, to: host.end });
  };
  for (const place of gathered.places) {
    for (const host of place.hosts) {
      if (host.kind === "left")
        leave(place, { host: host.host, why: host.why, ...(host.variable === undefined ? {} : { variable: host.variable }) });
      else keep(place, host);
    }
  }
  const occurrences = [...found.values()].toSorted((one, other) => one.occurrence.start - other.occurrence.start);
  return { occurrences, leftAlone: [...left.values()] };
}

function readingOf(gathered: Gathered, hosts: Hosts): DocumentReading {
  const occurrences = hosts.occurrences.map(({ occurrence }) => occurrence);
  const cameras = gathered.cameras.map((camera) => {
    const own = occurrences
      .filter((occurrence) => occurrence.owners.includes(`camera:${camera.name}`))
      .map((occurrence) => occurrence.address);
    return { ...camera, addresses: [...new Set([...camera.addresses, ...own])] };
  });
  return { cameras, streams: gathered.streams, occurrences, leftAlone: hosts.leftAlone };
}

function joined(owners: readonly OwnerName[], owner: OwnerName): readonly OwnerName[] {
  return owners.includes(owner) ? owners : [...owners, owner];
}
