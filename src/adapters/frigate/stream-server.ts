import type { StreamName } from "../../domain/camera.ts";
import { type Duration, milliseconds } from "../../domain/duration.ts";
import { QUARANTINE_SOURCE } from "../../domain/stream-source.ts";
import type { Clock } from "../../ports/clock.ts";
import { FrigateError } from "../../ports/running-frigate.ts";
import {
  type PointOutcome,
  type Producer,
  type ServerInfo,
  type ServerWay,
  type StreamServer,
  StreamServerError,
  type StreamState,
  type WatchOutcome,
} from "../../ports/stream-server.ts";
import type { FrigateClient } from "./client.ts";
import { streamFrames } from "./stats.ts";

const LOOK = milliseconds(500);
/** Frigate's own port of RTSP; it is not used here, only said. */
const RTSP_PORT = 8554;

export interface FrigateStreamServerOptions {
  readonly name: string;
  readonly client: FrigateClient;
  readonly clock: Clock;
  /** One call at a time. */
  readonly queue: { run<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> };
  /** How go2rtc's list is read, what it refuses, and whether it shows these sources: Frigate passes all that on. */
  readonly readStreams: (text: string) => ReadonlyMap<StreamName, StreamState> | undefined;
  readonly refusal: (source: string) => string | undefined;
  readonly showsSources: (producers: readonly Producer[], sources: readonly string[]) => boolean;
}

/**
 * Frigate's go2rtc where only Frigate is reachable (frigate/api/camera.py, 0.17 and later): the list without a name, which has no side effect, and a PUT of
 * one source. What has several sources is left to the document and a restart, as is everything in earlier versions. A PUT leaves present clients on
 * the old stream until they connect anew, and a restart forgets it. Nothing is known of go2rtc's own file here.
 */
export class FrigateStreamServer implements StreamServer {
  readonly name: string;
  readonly place: string;
  readonly way: ServerWay = { why: "through Frigate: it takes one source a stream and keeps it until it restarts", isByFrigate: true };
  readonly #options: FrigateStreamServerOptions;

  constructor(options: FrigateStreamServerOptions) {
    this.name = options.name;
    this.place = options.client.place;
    this.#options = options;
  }

  async info(signal: AbortSignal): Promise<ServerInfo> {
    return { version: await this.#asked((client) => client.version(signal), signal), rtspPort: RTSP_PORT };
  }

  async list(signal: AbortSignal): Promise<ReadonlyMap<StreamName, StreamState>> {
    const found = await this.#asked((client) => client.streams(signal), signal);
    const streams = this.#options.readStreams(withGo2rtcMasks(JSON.stringify(found)));
    if (streams === undefined) throw this.#refused("does not list go2rtc's streams");
    return streams;
  }

  /** Frigate does not pass on pictures of streams. */
  picture(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async point(name: StreamName, sources: readonly string[], signal: AbortSignal, renew = false): Promise<PointOutcome> {
    const { showsSources } = this.#options;
    const [source = ""] = sources;
    const parks = source === QUARANTINE_SOURCE;
    const current = (await this.list(signal)).get(name);
    if (parks && sources.length === 1 && current === undefined) return { calls: [], orphans: false, saved: false };
    const objection = await this.#objection(name, sources, current, signal);
    if (objection !== undefined) throw this.#refused(objection);
    const consumers = current?.consumers ?? 0;
    if (parks && (consumers > 0 || (current?.producers.length ?? 0) > 1))
      throw this.#refused(`cannot park ${name}, which somebody watches or which has several sources: switch the stream off`);
    if (!renew && current !== undefined && showsSources(current.producers, sources)) return { calls: [], orphans: false, saved: false };
    await this.#put(name, source, signal);
    return { calls: ["put"], orphans: consumers > 0, saved: false };
  }

  async objection(name: StreamName, sources: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    return this.#objection(name, sources, (await this.list(signal)).get(name), signal);
  }

  /**
   * Whether video packets of the stream grow, as far as its present clients make it run; else whether Frigate counts frames of a camera that reads it.
   * Nobody is made to connect here, and Frigate takes up to a minute to do so: without frames nothing is said against the address.
   * @throws StreamServerError also where no frames were seen
   */
  async watch(name: StreamName, enough: number, within: Duration, signal: AbortSignal): Promise<WatchOutcome> {
    const { clock } = this.#options;
    const end = clock.monotonic() + within;
    const before = new Map<number | string, number>();
    do {
      for (const { id, url, remoteAddress, videoPackets } of (await this.list(signal)).get(name)?.producers ?? []) {
        if (videoPackets === undefined) continue;
        const first = before.get(id ?? url);
        if (first === undefined) before.set(id ?? url, videoPackets);
        else if (videoPackets - first >= enough)
          return { videoPackets: videoPackets - first, ...(remoteAddress === undefined ? {} : { remoteAddress }) };
      }
      await clock.wait("frames by Frigate", LOOK, signal);
    } while (clock.monotonic() < end);
    const isCounted = before.size > 0;
    const frames = isCounted ? 0 : await this.#frames(name, signal);
    if (frames > 0) return { videoPackets: Math.max(enough, Math.round(frames)) };
    throw this.#refused(`shows no frames of ${name} yet`);
  }

  wouldShadow(_name: StreamName, _signal: AbortSignal): Promise<boolean> {
    return Promise.resolve(false);
  }

  removeShadows(names: readonly StreamName[], _signal: AbortSignal): Promise<readonly StreamName[]> {
    return names.length === 0 ? Promise.resolve([]) : Promise.reject(this.#refused("does not give go2rtc's own file: open its port 1984"));
  }

  configText(_signal: AbortSignal): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  async #objection(
    name: StreamName,
    sources: readonly string[],
    current: StreamState | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const otherwise = "change the document and restart it";
    const [source, ...more] = sources;
    if (source === undefined || more.length > 0) return `takes one source, and ${name} has several: ${otherwise}`;
    const why = this.#options.refusal(source);
    if (why !== undefined) return `takes not ${why} for ${name}: ${otherwise}`;
    if (source !== QUARANTINE_SOURCE && (current?.producers.length ?? 0) > 1)
      return `would drop the other sources of ${name}: ${otherwise}`;
    const { version } = await this.info(signal);
    if (!takesStreams(version)) return `${version} takes no source for ${name}: ${otherwise}`;
    // A placeholder would be filled by 0.18 and sent to the camera as it stands by 0.17: what is meant is known here.
    return source.includes("{FRIGATE_") ? `would read the variable in the source of ${name}: ${otherwise}` : undefined;
  }

  async #frames(name: StreamName, signal: AbortSignal): Promise<number> {
    const config = await this.#asked((client) => client.config(signal), signal);
    const stats = await this.#asked((client) => client.stats(signal), signal);
    return streamFrames(name, config, stats);
  }

  /** go2rtc may answer that it could not save, and have the source all the same: the list is believed. */
  async #put(name: StreamName, source: string, signal: AbortSignal): Promise<void> {
    let failed: StreamServerError | undefined;
    try {
      await this.#asked((client) => client.putStream(name, source, signal), signal);
    } catch (error) {
      if (!(error instanceof StreamServerError) || error.reason !== "ServerRefused") throw error;
      failed = error;
    }
    const now = (await this.list(signal)).get(name);
    if (now === undefined || !this.#options.showsSources(now.producers, [source]))
      throw failed ?? this.#refused(`did not take the source of ${name}: change the document and restart it`);
  }

  async #asked<T>(ask: (client: FrigateClient) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { queue, client } = this.#options;
    try {
      return await queue.run(() => ask(client), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FrigateError)) throw error;
      throw new StreamServerError(reasonOf(error), error.message, { cause: error });
    }
  }

  #refused(what: string): StreamServerError {
    return new StreamServerError("ServerRefused", `Frigate at ${this.place} ${what}`);
  }
}

function reasonOf({ reason }: FrigateError): StreamServerError["reason"] {
  if (reason === "FrigateUnreachable") return "ServerUnreachable";
  return reason === "FrigateRefusesLogin" ? "ServerRefusesLogin" : "ServerRefused";
}

/** Frigate's own masks (frigate/util/builtin.py, clean_camera_user_pass) in the form of go2rtc's, which count as equal to anything. */
function withGo2rtcMasks(json: string): string {
  return json.replaceAll("://*:*@", "://***@").replaceAll(/([?&])user=\*&password=\*/g, "$1user=***&password=***");
}

function takesStreams(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return major > 0 || minor >= 17;
}
