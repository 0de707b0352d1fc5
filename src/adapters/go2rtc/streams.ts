import { parseIp } from "../../domain/addresses.ts";
import type { IpAddress } from "../../domain/addresses.ts";
import type { StreamName } from "../../domain/camera.ts";
import { isPlain, list, type Plain, plain, plains, readJson } from "../../domain/plain.ts";
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
  const { version, config_path: configPath, rtsp } = plain(readJson(text));
  if (typeof version !== "string") return undefined;
  const rtspPort = portOf(rtsp);
  return typeof configPath === "string" && configPath !== "" ? { version, rtspPort, configPath } : { version, rtspPort };
}

/**
 * Reads the answer of `GET /api/streams` without a name. Versions 1.9.3 and later count packets (`receivers: [{codec, packets}]`, go2rtc
 * pkg/core/track.go); 1.9.2 and earlier describe receivers as text with bytes (`"96 H264, bytes=1234, senders=1"`), and packets are estimated
 * from those: only their growth means anything. What is not understood is left out.
 * @returns undefined where it is not go2rtc's list
 */
export function parseStreams(text: string): ReadonlyMap<StreamName, StreamState> | undefined {
  const json = readJson(text);
  if (!isPlain(json)) return undefined;
  const streams = new Map<StreamName, StreamState>();
  for (const [name, value] of Object.entries(json)) {
    if (value === null) streams.set(name as StreamName, { producers: [], consumers: 0 });
    if (!isPlain(value)) continue;
    const producers = list(value["producers"]).filter(isPlain).map(readProducer);
    const consumers = plains(value["consumers"]);
    const consumerIds = consumers.flatMap(({ id }) => (typeof id === "number" ? [id] : []));
    const ids = consumerIds.length === 0 ? {} : { consumerIds };
    streams.set(name as StreamName, { producers, consumers: consumers.length, ...ids });
  }
  return streams;
}

/** The queries of the preloaded streams from `GET /api/preload` (1.9.11 and later): `{name: {consumer, query}}`. */
export function parsePreloads(text: string): ReadonlyMap<StreamName, string> {
  const preloads = new Map<StreamName, string>();
  for (const [name, value] of Object.entries(plain(readJson(text)))) {
    const { query } = plain(value);
    if (typeof query === "string") preloads.set(name as StreamName, query);
  }
  return preloads;
}

/** True where the producer has no connection: its URL is then the configured one, not that of a connection that may long be dead. */
export function isIdle(producer: Producer): boolean {
  return producer.id === undefined && producer.remoteAddress === undefined && producer.videoPackets === undefined;
}

function readProducer(json: Plain): Producer {
  const { id, url, remote_addr: remote, receivers } = json;
  const remoteAddress = typeof remote === "string" ? addressOf(remote) : undefined;
  const videoPackets = sumOver(list(receivers), (one) => (typeof one === "string" ? packetsOfText(one) : videoCount(one, "packets")));
  const videoBytes = sumOver(list(receivers), (one) => (typeof one === "string" ? bytesOfText(one) : videoCount(one, "bytes")));
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
  const { codec, [what]: count = 0 } = plain(receiver);
  if (plain(codec)["codec_type"] !== "video") return undefined;
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
  if (!isPlain(rtsp)) return DEFAULT_RTSP_PORT;
  const listen = rtsp["listen"] ?? rtsp["Listen"];
  const [, port] = typeof listen === "string" ? (/:(\d{1,5})$/.exec(listen) ?? []) : [];
  return port === undefined || Number(port) > 65_535 ? 0 : Number(port);
}
