import type { ConfiguredCamera, DocumentFormat } from "../../domain/document.ts";
import { documentFormat, type Gathered, type Place } from "../../domain/document-format.ts";
import { guardedScalars, scalarValues, withOwnValues } from "../../domain/document-guards.ts";
import { type NamedCamera, type NameRuling, pinHosts, pinReading } from "../../domain/host-pins.ts";
import { configuredStreams, findSources, type FoundSource, streamPlaces, streamSource } from "../../domain/document-streams.ts";
import { readHost, readSource, type SourceReading } from "../../domain/stream-source.ts";
import { type YamlNode, type YamlReader, yamlReader, type YamlScalar, type YamlText } from "../../domain/yaml-text.ts";
import { isRestream, type Restream, restreamOf, withoutRestreams } from "./restream.ts";

/** Sections of Frigate's document, of every version from 0.8 on, in which an address is never a camera's (frigate/config/). */
const OTHER_SECTIONS = new Set(
  "audio auth birdseye camera_groups classification clips database detectors face_recognition ffmpeg genai live logger lpr model mqtt networking notifications proxy record rtmp save_clips semantic_search snapshots telemetry timestamp_style tls ui".split(
    " ",
  ),
);

/**
 * Frigate's document, as YAML or JSON and of any version: camera inputs, `onvif.host`, `webui_url`, go2rtc streams, and `environment_vars` where an input
 * takes its address from there. What does not fit a version's schema is no hindrance: places are found by structure alone.
 * @param settings `FRIGATE_*` and other variables that Frigate and its go2rtc see, as far as they are known here; the cameras of the options
 */
export function frigateDocument(settings: {
  readonly environment: ReadonlyMap<string, string>;
  readonly cameras?: readonly NamedCamera[];
}): DocumentFormat {
  return documentFormat("frigate", (yaml, hosts) => gather(yaml, settings.environment, hosts), settings.cameras);
}

interface CameraPlaces {
  readonly camera: ConfiguredCamera;
  readonly places: readonly Place[];
}

/** Variables of the document that Frigate's own strings are filled from, and all values that are known of such variables. */
interface Variables {
  readonly own: ReadonlyMap<string, YamlScalar>;
  readonly values: ReadonlyMap<string, string>;
  readonly hosts: NameRuling;
}

function gather(yaml: YamlText, environment: ReadonlyMap<string, string>, hosts: NameRuling): Gathered {
  const reader = yamlReader(yaml);
  const names: string[] = [];
  const sources: FoundSource[] = [];
  const cameras: CameraPlaces[] = [];
  const others: YamlNode[] = [];
  const variables: ReadonlyMap<string, YamlScalar>[] = [];
  for (const root of yaml.roots) {
    const top = reader.entries(root);
    const go2rtc = reader.entries(top.get("go2rtc"));
    const own = scalarValues(reader.entries(top.get("environment_vars")));
    const found = findSources(reader, go2rtc.get("streams"), "frigate-stream", environment, hosts);
    const restream = restreamOf(reader, go2rtc, found.names, found.sources);
    names.push(...found.names);
    sources.push(...found.sources.map((source) => withoutRestreams(source, restream)));
    for (const [name, node] of reader.entries(top.get("cameras"))) {
      const found = readCamera(reader, name, node, { own, values: withOwnValues(environment, own), hosts }, restream);
      cameras.push(hasSize(reader, top, reader.entries(node)) ? found : { ...found, camera: { ...found.camera, unsized: true } });
    }
    variables.push(own);
    for (const [section, node] of top) if (OTHER_SECTIONS.has(section)) others.push(node);
    for (const [section, node] of go2rtc) if (section !== "streams") others.push(node);
  }
  // `environment_vars` reaches Frigate's own strings alone: its go2rtc is configured by another process.
  const places = [...streamPlaces(sources, new Map()), ...cameras.flatMap((camera) => camera.places)];
  const guarded = guardedScalars(yaml, others, places, variables);
  return { cameras: cameras.map(({ camera }) => camera), streams: configuredStreams(names, sources), places, guarded };
}

interface Input {
  readonly scalar: YamlScalar;
  readonly reading: SourceReading;
}

function inputsOf(reader: YamlReader, camera: YamlNode, { values, hosts }: Variables): readonly Input[] {
  const ffmpeg = reader.entries(reader.entries(camera).get("ffmpeg"));
  const inputs = ffmpeg.get("inputs");
  // `ffmpeg.input` is how versions before 0.8 had it.
  const nodes = [ffmpeg.get("input"), ...(inputs?.kind === "sequence" ? inputs.items.map((item) => reader.entries(item).get("path")) : [])];
  return nodes.flatMap((node) =>
    node?.kind === "scalar" ? [{ scalar: node, reading: pinReading(readSource(node.value, "frigate", values), hosts) }] : [],
  );
}

function readCamera(reader: YamlReader, name: string, node: YamlNode, variables: Variables, restream: Restream): CameraPlaces {
  const { own, values, hosts } = variables;
  const inputs = inputsOf(reader, node, variables).map((input) => ({ ...input, link: isRestream(input.reading, restream) }));
  const entries = reader.entries(node);
  const onvif = reader.entries(entries.get("onvif"));
  const owner = `camera:${name}` as const;
  const direct = inputs.filter((input) => input.link === undefined);
  const places: Place[] = direct.map(({ scalar, reading }) => ({ scalar, kind: "input", owner, hosts: reading.hosts, variables: own }));
  const host = onvif.get("host");
  if (host?.kind === "scalar")
    places.push({ scalar: host, kind: "onvif", owner, hosts: pinHosts(readHost(host.value, "frigate", values), hosts), variables: own });
  const webui = entries.get("webui_url");
  if (webui?.kind === "scalar")
    places.push({ scalar: webui, kind: "webui", owner, hosts: pinHosts(readHost(webui.value, "none", values), hosts), variables: own });
  const port = onvif.get("port");
  const onvifPort = port?.kind === "scalar" && /^\d{1,5}$/.test(port.value) ? { onvifPort: Number(port.value) } : {};
  const directInputs = direct.filter((input) => input.reading.hosts.length > 0).map(({ scalar, reading }) => streamSource(scalar, reading));
  const camera: ConfiguredCamera = {
    name,
    enabled: !isFalse(entries.get("enabled")),
    addresses: directInputs.flatMap((input) => input.address ?? []),
    streams: [...new Set(inputs.flatMap((input) => input.link ?? []))],
    directInputs,
    ...onvifPort,
  };
  return { camera, places };
}

/** Whether the size of the camera's picture stands in the document, with the camera or for all (frigate/config/config.py, `need_detect_dimensions`). */
function hasSize(reader: YamlReader, top: ReadonlyMap<string, YamlNode>, camera: ReadonlyMap<string, YamlNode>): boolean {
  const places = [reader.entries(camera.get("detect")), reader.entries(top.get("detect"))];
  return ["width", "height"].every((key) => places.some((place) => place.get(key)?.kind === "scalar"));
}

/** What pydantic takes for false, whichever YAML version wrote it. */
function isFalse(node: YamlNode | undefined): boolean {
  return node?.kind === "scalar" && /^(?:false|no|off|n|f|0)$/i.test(node.value);
}
