import { parseIp } from "../../domain/addresses.ts";
import type { IpAddress } from "../../domain/addresses.ts";
import type { StreamName } from "../../domain/camera.ts";
import type { Producer, ServerInfo, StreamState } from "../../ports/stream-server.ts";

const VIDEO_CODECS = /^(?:\d+ )?(?:H264|H265|VP8|VP9|AV1|JPEG)\b/;
/** What an RTP packet of video carries at most on an Ethernet: makes packets of the bytes that old versions count. */
const PACKET_BYTES = 1400;
const DEFAULT_RTSP_PORT = 8554;

/**
 * Reads the answer of `GET /api`: `{version, config_path, rtsp: {listen}, …}`.
 * @returns undefined where it is not go2rtc's
 */
export function parseInfo(text: string): ServerInfo | undefined {
  const json = parseRecord(text);
  const version = json?.["version"];
  if (json === undefined || typeof version !== "string") return undefined;
  const configPath = json["config_path"];
  const rtspPort = portOf(json["rtsp"]);
  return typeof configPath === "string" && configPath !== "" ? { version, rtspPort, configPath } : { version, rtspPort };
}

/**
 * Reads the answer of `GET /api/streams` without a name. Versions 1.9.3 and later count packets (`receivers: [{codec, packets}]`, go2rtc
 * pkg/core/track.go); 1.9.2 and earlier describe receivers as text with bytes (`"96 H264, bytes=1234, senders=1"`), and packets are estimated
 * from those: only their growth means anything. What is not understood is left out.
 * @returns undefined where it is not go2rtc's list
 */
export function parseStreams(text: string): ReadonlyMap<StreamName, StreamState> | undefined {
  const json = parseRecord(text);
  if (json === undefined) return undefined;
  const streams = new Map<StreamName, StreamState>();
  for (const [name, value] of Object.entries(json)) {
    if (value === null) streams.set(name as StreamName, { producers: [], consumers: 0 });
    if (!isRecord(value)) continue;
    const producers = listOf(value["producers"]).filter(isRecord).map(readProducer);
    const consumers = listOf(value["consumers"]);
    const consumerIds = consumers.flatMap((one) => (isRecord(one) && typeof one["id"] === "number" ? [one["id"]] : []));
    const ids = consumerIds.length === 0 ? {} : { consumerIds };
    streams.set(name as StreamName, { producers, consumers: consumers.length, ...ids });
  }
  return streams;
}

/** The queries of the preloaded streams from `GET /api/preload` (1.9.11 and later): `{name: {consumer, query}}`. */
export function parsePreloads(text: string): ReadonlyMap<StreamName, string> {
  const preloads = new Map<StreamName, string>();
  for (const [name, value] of Object.entries(parseRecord(text) ?? {})) {
    const query = isRecord(value) ? value["query"] : undefined;
    if (typeof query === "string") preloads.set(name as StreamName, query);
  }
  return preloads;
}

/** True where the producer has no connection: its URL is then the configured one, not that of a connection that may long be dead. */
export function isIdle(producer: Producer): boolean {
  return producer.id === undefined && producer.remoteAddress === undefined && producer.videoPackets === undefined;
}

function readProducer(json: Readonly<Record<string, unknown>>): Producer {
  const { id, url, remote_addr: remote, receivers } = json;
  const remoteAddress = typeof remote === "string" ? addressOf(remote) : undefined;
  const list = Array.isArray(receivers) ? receivers : [];
  const videoPackets = sumOver(list, (one) => (typeof one === "string" ? packetsOfText(one) : videoCount(one, "packets")));
  const videoBytes = sumOver(list, (one) => (typeof one === "string" ? bytesOfText(one) : videoCount(one, "bytes")));
  return {
    url: typeof url === "string" ? url : "",
    ...(typeof id === "number" && Number.isSafeInteger(id) ? { id } : {}),
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
    ...(videoPackets === undefined ? {} : { videoPackets }),
    ...(videoBytes === undefined ? {} : { videoBytes }),
  };
}

/** The first address of `192.0.2.7:554`, `[::ffff:192.0.2.7]:554`, `192.0.2.7:8000 forwarded 198.51.100.1`, `udp 192.0.2.7:554`. */
function addressOf(remote: string): IpAddress | undefined {
  const [, text] = /(?:^|[^\d.])(\d{1,3}(?:\.\d{1,3}){3})(?![\d.])/.exec(remote.slice(0, 200)) ?? [];
  return text === undefined ? undefined : parseIp(text);
}

/** The sum of what the receivers count; undefined where none counts. */
function sumOver(receivers: readonly unknown[], count: (receiver: unknown) => number | undefined): number | undefined {
  const counts = receivers.flatMap((receiver) => count(receiver) ?? []);
  return counts.length === 0 ? undefined : counts.reduce((sum, one) => sum + one, 0);
}

/** go2rtc leaves a count of 0 out. */
function videoCount(receiver: unknown, what: "packets" | "bytes"): number | undefined {
  if (!isRecord(receiver)) return undefined;
  const { codec, [what]: count = 0 } = receiver;
  if (!isRecord(codec) || codec["codec_type"] !== "video") return undefined;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

function bytesOfText(text: string): number | undefined {
  if (!VIDEO_CODECS.test(text)) return undefined;
  const [, bytes] = /\bbytes=(\d{1,15})\b/.exec(text) ?? [];
  return bytes === undefined ? undefined : Number(bytes);
}

function packetsOfText(text: string): number | undefined {
  const bytes = bytesOfText(text);
  return bytes === undefined ? undefined : Math.ceil(bytes / PACKET_BYTES);
}

/** Port of `rtsp: {listen: ":8554"}`; 0 where go2rtc serves no RTSP. */
function portOf(rtsp: unknown): number {
  if (!isRecord(rtsp)) return DEFAULT_RTSP_PORT;
  const listen = rtsp["listen"] ?? rtsp["Listen"];
  const [, port] = typeof listen === "string" ? (/:(\d{1,5})$/.exec(listen) ?? []) : [];
  return port === undefined || Number(port) > 65_535 ? 0 : Number(port);
}

function parseRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
