import type { DocumentFormat } from "../../domain/document.ts";
import { documentFormat, type Gathered, type Place } from "../../domain/document-format.ts";
import { type NamedCamera, type NameRuling } from "../../domain/host-pins.ts";
import { guardedScalars, scalarValues, withOwnValues } from "../../domain/document-guards.ts";
import { configuredStreams, findSources, type FoundSource, streamPlaces } from "../../domain/document-streams.ts";
import { type YamlNode, yamlReader, type YamlScalar, type YamlText } from "../../domain/yaml-text.ts";

/** Sections of go2rtc.yaml that name its own listeners, its push targets and services, never a camera it reads (go2rtc internal/…). */
const OTHER_SECTIONS = new Set(
  "api app echo exec expr ffmpeg hass hls homekit log mjpeg mp4 mqtt nest ngrok pinggy preload publish ring roborock rtmp rtsp srtp tuya webrtc webtorrent wyoming wyze xiaomi yandex".split(
    " ",
  ),
);

/**
 * A stand-alone `go2rtc.yaml`: `streams.NAME`, and `env.NAME` where a source takes its address from there.
 * @param settings variables that go2rtc sees, as far as they are known here; the cameras of the options
 */
export function go2rtcDocument(settings: {
  readonly environment: ReadonlyMap<string, string>;
  readonly cameras?: readonly NamedCamera[];
}): DocumentFormat {
  return documentFormat("go2rtc", (yaml, hosts) => gather(yaml, settings.environment, hosts), settings.cameras);
}

function gather(yaml: YamlText, environment: ReadonlyMap<string, string>, hosts: NameRuling): Gathered {
  const reader = yamlReader(yaml);
  const names: string[] = [];
  const sources: FoundSource[] = [];
  const places: Place[] = [];
  const others: YamlNode[] = [];
  const variables: ReadonlyMap<string, YamlScalar>[] = [];
  for (const root of yaml.roots) {
    const top = reader.entries(root);
    const own = scalarValues(reader.entries(top.get("env")));
    const found = findSources(reader, top.get("streams"), "go2rtc", withOwnValues(environment, own), hosts);
    names.push(...found.names);
    sources.push(...found.sources);
    places.push(...streamPlaces(found.sources, own));
    variables.push(own);
    for (const [section, node] of top) if (OTHER_SECTIONS.has(section)) others.push(node);
  }
  const guarded = guardedScalars(yaml, others, places, variables);
  return { cameras: [], streams: configuredStreams(names, sources), places, guarded };
}
