import type { IpAddress } from "./addresses.ts";
import type { ConfiguredStream, OwnerName, StreamSource } from "./camera.ts";
import type { ConfiguredCamera, DocumentReading } from "./document.ts";
import { readSource } from "./stream-source.ts";

/** What one document says of one camera or stream. */
export interface OwnerFacts {
  readonly owner: OwnerName;
  /** Index of the document. */
  readonly document: number;
  /** Addresses that its video comes from, the first first. */
  readonly video: readonly IpAddress[];
  /** Addresses of its ONVIF service and its web page. */
  readonly aside: readonly IpAddress[];
  /** Streams that it reads from the same go2rtc. */
  readonly links: readonly OwnerName[];
  readonly camera?: ConfiguredCamera;
  readonly stream?: ConfiguredStream;
}

/** The address that a camera or stream is grouped by: where its video comes from, else its ONVIF service or web page. */
export function mainAddress(facts: OwnerFacts): IpAddress | undefined {
  return facts.video[0] ?? facts.aside[0];
}

/** Takes the readings apart by owner: cameras before streams, each in the order of its document. */
export function ownerFacts(readings: readonly DocumentReading[]): readonly OwnerFacts[] {
  return readings.flatMap((reading, document) => [
    ...reading.cameras.map((camera) => cameraFacts(reading, document, camera)),
    ...reading.streams.map((stream) => streamFacts(document, stream)),
  ]);
}

function cameraFacts(reading: DocumentReading, document: number, camera: ConfiguredCamera): OwnerFacts {
  const owner = `camera:${camera.name}` as const;
  const own = reading.occurrences.filter((occurrence) => occurrence.owners.includes(owner));
  const isAside = (kind: string) => kind === "onvif" || kind === "webui";
  const found = own.filter(({ kind }) => !isAside(kind)).map(({ address }) => address);
  return {
    owner,
    document,
    video: unique([...addressesOf(camera.directInputs), ...found]),
    aside: unique([...addressesOfKind(own, "onvif"), ...addressesOfKind(own, "webui"), ...camera.addresses]),
    links: camera.streams.map((name) => `stream:${name}` as const),
    camera,
  };
}

function streamFacts(document: number, stream: ConfiguredStream): OwnerFacts {
  const links = stream.sources.flatMap((source) => readSource(source.resolved ?? source.text, "none", new Map()).link ?? []);
  return {
    owner: `stream:${stream.name}`,
    document,
    video: unique(addressesOf(stream.sources)),
    aside: [],
    links: links.filter((name) => name !== stream.name).map((name) => `stream:${name}` as const),
    stream,
  };
}

function addressesOf(sources: readonly StreamSource[]): readonly IpAddress[] {
  return sources.flatMap((source) => source.address ?? []);
}

function addressesOfKind(occurrences: DocumentReading["occurrences"], kind: string): readonly IpAddress[] {
  return occurrences.filter((occurrence) => occurrence.kind === kind).map((occurrence) => occurrence.address);
}

export function unique<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Set(items)];
}
