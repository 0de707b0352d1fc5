import type { IpAddress } from "../../domain/addresses.ts";
import type { StreamName } from "../../domain/camera.ts";
import { type Duration, milliseconds } from "../../domain/duration.ts";
import { QUARANTINE_SOURCE } from "../../domain/stream-source.ts";
import type { Clock } from "../../ports/clock.ts";
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
import { type ApiAnswer, type ApiRequest, type Go2rtcApi, said } from "./api.ts";
import type { CallQueue } from "./call-queue.ts";
import { readFirstFile, removeStored } from "./first-file.ts";
import { renewPreload } from "./preload.ts";
import { patchable, refusal, showsSources } from "./sources.ts";
import { definesStream } from "./stored-entries.ts";
import { LastingConsumers } from "./lasting-consumers.ts";
import { patchSource, videoPackets } from "./producers.ts";
import type { StreamPlayer } from "./stream-player.ts";
import { isIdle, parseInfo, parseStreams } from "./streams.ts";

/** How long frames of a stream that shows the right sources may take to be seen growing: a second of a slow camera. */
const GROWTH_LOOK = milliseconds(300);
const GROWTH_LOOKS = 3;

/**
 * A dial to the old address may be under way, which go2rtc gives up after 5 s, and the next comes a second later (pkg/tcp/dial.go,
 * internal/streams/producer.go).
 */
const RETURN_LOOK = milliseconds(100);
const RETURN_LOOKS = 65;

/** What was done before a PUT. */
interface Begun {
  readonly followed: boolean;
  readonly watched: boolean;
  /** go2rtc's numbers of the connections before. */
  readonly connections: ReadonlySet<number>;
  readonly calls: readonly ("patch" | "put" | "preload")[];
}

export interface Go2rtcServerOptions {
  readonly name: string;
  readonly api: Go2rtcApi;
  readonly way?: ServerWay;
  readonly queue: CallQueue;
  readonly clock: Clock;
  readonly play: StreamPlayer;
  /** Of `rtsp.username`, where go2rtc's RTSP server asks for it; it offers Basic alone. */
  readonly rtspCredentials?: { readonly username: string; readonly password: { reveal(): string } };
}

/** A go2rtc by its HTTP API. Tried on 1.9.14 and 1.9.9; 1.9.2 by its source. */
export class Go2rtcServer implements StreamServer {
  readonly name: string;
  readonly place: string;
  readonly way: ServerWay | undefined;
  readonly #options: Go2rtcServerOptions;
  /** Streams that were parked: their connections go on showing the former source. */
  readonly #parked = new Set<StreamName>();
  readonly #lasting = new LastingConsumers();

  constructor(options: Go2rtcServerOptions) {
    this.name = options.name;
    this.place = options.api.place;
    this.way = options.way;
    this.#options = options;
  }

  info(signal: AbortSignal): Promise<ServerInfo> {
    return this.#options.queue.run(() => this.#info(), signal);
  }

  list(signal: AbortSignal): Promise<ReadonlyMap<StreamName, StreamState>> {
    return this.#options.queue.run(() => this.#list(), signal);
  }

  async point(name: StreamName, sources: readonly string[], signal: AbortSignal, renew = false): Promise<PointOutcome> {
    const why = sources.map(refusal).find((reason) => reason !== undefined) ?? (sources.length === 0 ? "no source" : undefined);
    if (why !== undefined)
      throw this.#refused(`takes no ${why.replace(/^an? |^no /, "")} for ${name} over its API: change the document and restart go2rtc`);
    const { queue } = this.#options;
    if (sources.length === 1 && sources[0] === QUARANTINE_SOURCE) return queue.run(() => this.#park(name), signal);
    const begun = await queue.run(() => this.#begin(name, sources, renew, signal), signal);
    if (begun === "right") return { calls: [], orphans: false, saved: true };
    if (begun.watched && (await this.#returned(name, begun.connections, signal))) {
      this.#parked.delete(name);
      return { calls: ["patch"], orphans: false, saved: false };
    }
    return queue.run(() => this.#put(name, sources, begun.followed, begun.calls, signal), signal);
  }

  async watch(name: StreamName, enough: number, within: Duration, signal: AbortSignal): Promise<WatchOutcome> {
    const { api, play, rtspCredentials: secret } = this.#options;
    const { rtspPort } = await this.info(signal);
    if (rtspPort === 0) throw this.#refused("serves no RTSP: set rtsp.listen");
    let remoteAddress: IpAddress | undefined;
    const { videoPackets } = await play(
      {
        url: `rtsp://${api.hostname}:${String(rtspPort)}/${encodeURIComponent(name)}?video`,
        ...(secret === undefined ? {} : { credentials: { username: secret.username, password: secret.password.reveal() } }),
        allowBasic: true,
        enough,
        within,
        beforeClosing: async () => {
          remoteAddress = await this.#producerAddress(name, signal);
        },
      },
      signal,
    );
    return remoteAddress === undefined ? { videoPackets } : { videoPackets, remoteAddress };
  }

  picture(name: StreamName, signal: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#options.api.picture(name, signal);
  }

  async wouldShadow(name: StreamName, signal: AbortSignal): Promise<boolean> {
    const text = await this.configText(signal);
    return text !== undefined && definesStream(text, name) === false;
  }

  removeShadows(names: readonly StreamName[], signal: AbortSignal): Promise<readonly StreamName[]> {
    const { api, queue } = this.#options;
    return queue.run(() => removeStored(api, names, signal), signal);
  }

  configText(signal: AbortSignal): Promise<string | undefined> {
    const { api, queue } = this.#options;
    return queue.run(() => readFirstFile(api), signal);
  }

  async #info(): Promise<ServerInfo> {
    const answer = await this.#call({ method: "GET", path: "api" });
    const info = answer.status === 200 ? parseInfo(answer.text) : undefined;
    if (info === undefined) throw this.#refused("does not answer like go2rtc: check url under go2rtc");
    return info;
  }

  async #list(): Promise<ReadonlyMap<StreamName, StreamState>> {
    const answer = await this.#call({ method: "GET", path: "api/streams" });
    const streams = answer.status === 200 ? parseStreams(answer.text) : undefined;
    if (streams === undefined) throw this.#refused("does not list its streams: check url under go2rtc and api.allow_paths");
    this.#lasting.note(streams, this.#options.clock.monotonic());
    return streams;
  }

  /** Everything up to the PATCH. `watched`: clients of a while are there, whom a PUT would leave behind at the next move. */
  async #begin(name: StreamName, sources: readonly string[], renew: boolean, signal: AbortSignal): Promise<Begun | "right"> {
    const streams = await this.#list();
    const current = streams.get(name);
    const shown = current !== undefined && !this.#parked.has(name) && showsSources(current.producers, sources);
    if (shown && !renew && (await this.#isLive(name, current, signal))) return "right";
    if (sources.length > 1) await this.#needSeveral(name);
    const connections = new Set(current?.producers.flatMap((producer) => producer.id ?? []));
    const patched = current === undefined ? undefined : patchSource(current.producers, sources);
    if (patched === undefined) return { followed: (current?.consumers ?? 0) === 0, watched: false, connections, calls: [] };
    signal.throwIfAborted();
    const followed = await this.#patch(name, patched, streams);
    const watched = followed && sources.length === 1 && this.#lasting.has(name, this.#options.clock.monotonic());
    return { followed, watched, connections, calls: ["patch"] };
  }

  /**
   * Whether go2rtc dialled again by itself after the PATCH, as it does a second after a connection ended. Then clients and stream are one still, and a
   * PUT, which leaves present clients on a stream object that no later call can reach, is not needed.
   */
  async #returned(name: StreamName, connections: ReadonlySet<number>, signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    for (let look = 0; look < RETURN_LOOKS; look++) {
      await clock.wait("go2rtc dials again", RETURN_LOOK, signal);
      const producers = (await this.list(signal)).get(name)?.producers ?? [];
      if (producers.some(({ id, videoPackets: packets = 0 }) => id !== undefined && !connections.has(id) && packets > 0)) return true;
    }
    return false;
  }

  async #put(
    name: StreamName,
    sources: readonly string[],
    followed: boolean,
    before: readonly ("patch" | "put" | "preload")[],
    signal: AbortSignal,
  ): Promise<PointOutcome> {
    const calls = [...before];
    signal.throwIfAborted();
    const answer = await this.#call({
      method: "PUT",
      path: "api/streams",
      query: [["name", name], ...sources.map((source) => ["src", source] as const)],
    });
    calls.push("put");
    const after = (await this.#list()).get(name);
    if (after === undefined || !showsSources(after.producers, sources)) throw this.#refusedPut(name, answer);
    this.#parked.delete(name);
    const preloads = (request: ApiRequest): Promise<ApiAnswer> => this.#call(request);
    if (await renewPreload(name, preloads, this.#options.clock, signal)) calls.push("preload");
    return { calls, orphans: !followed, saved: answer.status === 200 };
  }

  /**
   * PATCH alone, whatever the number of sources: it stops every offer of credentials at once, also of clients' old producers, keeps go2rtc's file
   * as it is, and lets those clients follow when the stream is put back. The loop without delay that PATCH starts on several sources needs a
   * source that answers; this one refuses the connection.
   */
  async #park(name: StreamName): Promise<PointOutcome> {
    const streams = await this.#list();
    const current = streams.get(name);
    const done = current?.producers.every((producer) => isIdle(producer) && producer.url.startsWith(QUARANTINE_SOURCE)) ?? true;
    if (done) return { calls: [], orphans: false, saved: false };
    if (!(await this.#patch(name, QUARANTINE_SOURCE, streams)))
      throw this.#refused(`took the call and did not park ${name}: switch the stream off`);
    this.#parked.add(name);
    return { calls: ["patch"], orphans: false, saved: false };
  }

  /**
   * Whether clients of the present stream will follow to the source, as far as go2rtc shows it: a connection goes on showing its own URL. Where
   * a second producer was connected meanwhile, the stream is parked before the loop begins that PATCH starts on several.
   */
  async #patch(name: StreamName, source: string, streams: ReadonlyMap<StreamName, StreamState>): Promise<boolean> {
    const producers = await this.#patchAndRead(name, source, streams);
    if (source === QUARANTINE_SOURCE || producers.filter((producer) => !isIdle(producer)).length <= 1)
      return producers.every(({ taken }) => taken);
    await this.#patchAndRead(name, QUARANTINE_SOURCE, streams);
    return false;
  }

  async #patchAndRead(
    name: StreamName,
    source: string,
    streams: ReadonlyMap<StreamName, StreamState>,
  ): Promise<readonly (Producer & { readonly taken: boolean })[]> {
    const sent = patchable(source, new Set(streams.keys()));
    const answer = await this.#call({
      method: "PATCH",
      path: "api/streams",
      query: [
        ["name", name],
        ["src", sent],
      ],
    });
    if (answer.status !== 200) throw this.#refusedPut(name, answer);
    const producers = (await this.#list()).get(name)?.producers ?? [];
    return producers.map((producer) => ({ ...producer, taken: !isIdle(producer) || showsSources([producer], [sent]) }));
  }

  /** What is idle holds what it shows. A connection may be long dead and the source another one: only growing packets tell. */
  async #isLive(name: StreamName, seen: StreamState, signal: AbortSignal): Promise<boolean> {
    let before = seen;
    for (let look = 0; before.producers.some((producer) => !isIdle(producer)); look++) {
      if (look === GROWTH_LOOKS) return false;
      await this.#options.clock.wait("go2rtc packets", GROWTH_LOOK, signal);
      const now = (await this.#list()).get(name);
      if (now === undefined) return false;
      if (videoPackets(now) > videoPackets(seen)) return true;
      before = now;
    }
    return true;
  }

  /** go2rtc before 1.9.5 takes the first source of a PUT and drops the others without a word (internal/streams/api.go). */
  async #needSeveral(name: StreamName): Promise<void> {
    const { version } = await this.#info();
    const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
    const number = Number(major) * 1_000_000 + Number(minor) * 1000 + Number(patch);
    if (number < 1_009_005)
      throw this.#refused(`${version} takes one source a call, and ${name} has several: change the document and restart go2rtc`);
  }

  async #producerAddress(name: StreamName, signal: AbortSignal): Promise<IpAddress | undefined> {
    try {
      const producers = (await this.list(signal)).get(name)?.producers ?? [];
      const delivering = producers.find((producer) => (producer.videoPackets ?? 0) > 0 && producer.remoteAddress !== undefined);
      return (delivering ?? producers.find((producer) => producer.remoteAddress !== undefined))?.remoteAddress;
    } catch (error) {
      if (error instanceof StreamServerError) return undefined;
      throw error;
    }
  }

  #call(request: ApiRequest): Promise<ApiAnswer> {
    return this.#options.api.call(request);
  }

  #refusedPut(name: StreamName, answer: ApiAnswer): StreamServerError {
    return this.#refused(`did not take the source of ${name} (${said(answer)}): change the document and restart go2rtc`);
  }

  #refused(what: string): StreamServerError {
    return this.#options.api.refused(what);
  }
}
