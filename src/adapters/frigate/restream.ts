import type { FoundSource } from "../../domain/document-streams.ts";
import type { SourceUrl } from "../../domain/source-url.ts";
import { linkedName, type SourceReading, urlsOf } from "../../domain/stream-source.ts";
import type { YamlNode, YamlReader } from "../../domain/yaml-text.ts";

/** What is needed to recognise that a URL reads Frigate's own go2rtc by the machine's LAN address. */
export interface Restream {
  readonly port: number;
  readonly streams: ReadonlySet<string>;
  /** Hosts from which a stream is read under its own name: another go2rtc with streams of the same names, so a camera to us. */
  readonly elsewhere: ReadonlySet<string>;
}

/** Reads the port of `go2rtc.rtsp.listen` (8554 unless set) and which streams are read from elsewhere under their own name. */
export function restreamOf(
  reader: YamlReader,
  go2rtc: ReadonlyMap<string, YamlNode>,
  names: readonly string[],
  sources: readonly FoundSource[],
): Restream {
  const listen = reader.entries(go2rtc.get("rtsp")).get("listen");
  const port = listen?.kind === "scalar" ? Number(/:(\d{1,5})$/.exec(listen.value)?.[1] ?? 8554) : 8554;
  const elsewhere = sources.flatMap(({ stream, reading }) => {
    const url = urlOf(reading);
    return url?.port === port && linkedName(url) === stream ? [url.host] : [];
  });
  return { port, streams: new Set(names), elsewhere: new Set(elsewhere) };
}

/**
 * The stream of Frigate's own go2rtc that an input reads: by loopback, by a host name such as `frigate`, or by the machine's own LAN address,
 * which is no camera's and must stay.
 */
export function isRestream(reading: SourceReading, restream: Restream): string | undefined {
  if (reading.link !== undefined) return reading.link;
  const url = urlOf(reading);
  if (url?.port !== restream.port || restream.elsewhere.has(url.host)) return undefined;
  const name = linkedName(url);
  return name !== undefined && restream.streams.has(name) ? name : undefined;
}

function urlOf(reading: SourceReading): SourceUrl | undefined {
  const [host] = reading.hosts;
  return host?.kind === "address" ? host.url : urlsOf(reading.resolved ?? "")[0];
}

/** A source without hosts where it reads another stream of the same go2rtc by the machine's own LAN address. */
export function withoutRestreams(source: FoundSource, restream: Restream): FoundSource {
  const name = source.reading.link === undefined ? isRestream(source.reading, restream) : undefined;
  return name === undefined || name === source.stream ? source : { ...source, reading: { ...source.reading, hosts: [], link: name } };
}
