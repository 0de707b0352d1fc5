import type { ConfiguredStream, StreamName, StreamSource } from "./camera.ts";
import type { Place } from "./document-format.ts";
import { type NameRuling, pinReading } from "./host-pins.ts";
import type { Dialect } from "./placeholder.ts";
import { readSource, type SourceReading, urlsOf } from "./stream-source.ts";
import { kindOfHost } from "./source-url.ts";
import type { YamlNode, YamlReader, YamlScalar } from "./yaml-text.ts";

/** A stream's source with its place. */
export interface FoundSource {
  readonly stream: string;
  readonly scalar: YamlScalar;
  readonly reading: SourceReading;
}

/** Streams of go2rtc by name: a string, a list of them, a map with `url`, or nothing (go2rtc internal/streams/stream.go `NewStream`). */
export function findSources(
  reader: YamlReader,
  streams: YamlNode | undefined,
  dialect: Dialect,
  environment: ReadonlyMap<string, string>,
  names: NameRuling,
): { readonly names: readonly string[]; readonly sources: readonly FoundSource[] } {
  const sources: FoundSource[] = [];
  const entries = reader.entries(streams);
  for (const [stream, node] of entries) {
    for (const scalar of scalarsOf(reader, node))
      sources.push({ stream, scalar, reading: pinReading(readSource(scalar.value, dialect, environment), names) });
  }
  return { names: [...entries.keys()], sources };
}

/** A scalar, the scalars of a list, or those under `url`; one level of each is all that go2rtc takes. */
function scalarsOf(reader: YamlReader, node: YamlNode): readonly YamlScalar[] {
  const inner = node.kind === "mapping" ? reader.entries(node).get("url") : node;
  if (inner?.kind === "scalar") return inner.value === "" || inner.value === "null" || inner.value === "~" ? [] : [inner];
  return inner?.kind === "sequence" ? inner.items.filter((item) => item.kind === "scalar") : [];
}

/** The source as the rest of the program knows it. */
export function streamSource(scalar: YamlScalar, reading: SourceReading): StreamSource {
  const address = addressOf(reading);
  return {
    text: scalar.value,
    ...(address === undefined ? {} : { address }),
    ...(reading.resolved === undefined ? {} : { resolved: reading.resolved }),
    ...(reading.named === undefined ? {} : { named: reading.named }),
    ...(reading.refusedByApi === undefined ? {} : { refusedByApi: reading.refusedByApi }),
  };
}

function addressOf(reading: SourceReading): StreamSource["address"] {
  const found = reading.hosts.find((host) => host.kind !== "left");
  if (found?.kind === "address" || found?.kind === "variable") return found.address;
  if (reading.resolved === undefined) return undefined;
  const kinds = reading.hosts.some((host) => host.kind === "left" && host.why === "placeholder")
    ? urlsOf(reading.resolved).map((url) => kindOfHost(url.host))
    : [];
  const [known] = kinds.filter((kind) => kind.kind === "address");
  return known?.address;
}

/** Streams with their sources, in the order of the document. */
export function configuredStreams(names: readonly string[], sources: readonly FoundSource[]): readonly ConfiguredStream[] {
  return [...new Set(names)].map((name) => ({
    name: name as StreamName,
    sources: sources.filter((source) => source.stream === name).map(({ scalar, reading }) => streamSource(scalar, reading)),
  }));
}

/** @param variables those of the document that its streams are filled from */
export function streamPlaces(sources: readonly FoundSource[], variables: ReadonlyMap<string, YamlScalar>): readonly Place[] {
  return sources.map(({ stream, scalar, reading }) => ({
    scalar,
    kind: "stream",
    owner: `stream:${stream}`,
    hosts: reading.hosts,
    variables,
  }));
}
