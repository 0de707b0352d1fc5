import type { IpAddress } from "../domain/addresses.ts";
import type { StreamName } from "../domain/camera.ts";
import type { Duration } from "../domain/duration.ts";

/** A go2rtc as it answers now. */
export interface ServerInfo {
  readonly version: string;
  readonly rtspPort: number;
  /** Its first configuration file, where it has one: it stores there what is put. */
  readonly configPath?: string;
}

/** One connection from go2rtc to a camera. */
export interface Producer {
  /** A new number after each reconnect; absent in old versions and while idle. */
  readonly id?: number;
  /** As go2rtc shows it: credentials may be masked there, so it is never written back. */
  readonly url: string;
  /** The camera's address of the live connection. Kept by go2rtc after the camera died: only growing packets tell. */
  readonly remoteAddress?: IpAddress;
  /** Sum over the video receivers; absent where nothing is connected. */
  readonly videoPackets?: number;
  /** Likewise, in bytes; absent where the server does not count them. */
  readonly videoBytes?: number;
}

export interface StreamState {
  readonly producers: readonly Producer[];
  readonly consumers: number;
  /** go2rtc's numbers of them; absent in versions that have none. */
  readonly consumerIds?: readonly number[];
}

/** What `point` did, for evidence and messages. */
export interface PointOutcome {
  readonly calls: readonly ("patch" | "put" | "preload")[];
  /** True where clients of the old stream object stay on it until they reconnect (several sources were connected). */
  readonly orphans: boolean;
  /** False where go2rtc took the source in memory but could not save it. */
  readonly saved: boolean;
}

export interface WatchOutcome {
  readonly videoPackets: number;
  readonly remoteAddress?: IpAddress;
}

/** How a go2rtc is reached. */
export interface ServerWay {
  /** For a person: why in this way and no other, and what it cannot do. Holds no secret. */
  readonly why: string;
  /** True where only Frigate's own API leads there, which shows and takes less. */
  readonly isByFrigate: boolean;
}

/** A go2rtc whose streams are kept right. Implementations make one call at a time: overlapping ones have crashed go2rtc. */
export interface StreamServer {
  readonly name: string;
  /** For a person: its address without credentials. */
  readonly place: string;
  /** The name of the document that says what its streams are; absent where that is not known. */
  readonly document?: string | undefined;
  /** Absent where it is not known yet: none of several ways has answered. */
  readonly way?: ServerWay | undefined;
  /** @throws StreamServerError */
  info(signal: AbortSignal): Promise<ServerInfo>;
  /** Every stream, by the call that has no side effect on them. @throws StreamServerError */
  list(signal: AbortSignal): Promise<ReadonlyMap<StreamName, StreamState>>;
  /**
   * Points a stream at `sources`: the full list in order, placeholders resolved. PATCH then PUT where the server shows as many sources as are wanted and
   * at most one of several is connected: clients follow. PUT alone otherwise, because PATCH overwrites every source and a second connected one
   * would dial without delay: clients stay behind (`orphans`). Reads back after both, and
   * preloads again what was preloaded. Never deletes. Does nothing where the server holds exactly these sources already, as far as it shows them,
   * unless `renew` asks for the calls all the same (a dead stream is registered again).
   *
   * `[QUARANTINE_SOURCE]` parks a stream that the server has: PATCH alone, in memory alone (`saved` is false), whatever the number of its sources.
   * A parked stream may go on showing the source of its old connection, so it is put back with `renew`, and parked anew after a restart of go2rtc.
   * @throws StreamServerError also where a source is of a kind that is never sent (white space, commands): nothing was called then
   */
  point(name: StreamName, sources: readonly string[], signal: AbortSignal, renew?: boolean): Promise<PointOutcome>;
  /**
   * Why `point` would refuse these sources now, in words that follow the server's name; undefined where it would try. Changes nothing. Absent where
   * only trying tells. @throws StreamServerError
   */
  objection?(name: StreamName, sources: readonly string[], signal: AbortSignal): Promise<string | undefined>;
  /**
   * Opens one RTSP client on the stream for at most `within` and reports the video packets that it received and the producer's address.
   * Resolves as soon as `enough` packets came; without packets at once where go2rtc cannot reach the source (it answers 404 then).
   * @throws StreamServerError where go2rtc itself does not answer
   */
  watch(name: StreamName, enough: number, within: Duration, signal: AbortSignal): Promise<WatchOutcome>;
  /**
   * What a stream shows now, as JPEG of at most 256 KiB and some 640 pixels width; undefined where it shows nothing, or that cannot be asked here. Where
   * nobody watches the stream, it is connected for a moment.
   * @throws StreamServerError; the signal's reason when aborted
   */
  picture(name: StreamName, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /**
   * True where `point` would leave an entry in go2rtc's first file though that file does not define the stream now: it would shadow another
   * document later. Asked and recorded before `point`, so that the entry is found after a crash too. @throws StreamServerError
   */
  wouldShadow(name: StreamName, signal: AbortSignal): Promise<boolean>;
  /**
   * Removes what `point` stored in go2rtc's first file for streams of which `wouldShadow` was true, their preloading included: byte-exact around
   * the entries, and checked by reading again; memory is untouched. Names without an entry are no error.
   * @returns those that were removed now
   * @throws StreamServerError also where the file was edited meanwhile, or is not written the way go2rtc writes
   */
  removeShadows(names: readonly StreamName[], signal: AbortSignal): Promise<readonly StreamName[]>;
  /** The text of go2rtc's first configuration file; undefined where it has none. */
  configText(signal: AbortSignal): Promise<string | undefined>;
}

export class StreamServerError extends Error {
  override readonly name = "StreamServerError";
  readonly reason: "ServerUnreachable" | "ServerRefusesLogin" | "ServerRefused";
  constructor(reason: "ServerUnreachable" | "ServerRefusesLogin" | "ServerRefused", message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
