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
}

export interface StreamState {
  readonly producers: readonly Producer[];
  readonly consumers: number;
}

/** What `point` did, for evidence and messages. */
export interface PointOutcome {
  readonly calls: readonly ("patch" | "put" | "preload")[];
  /** True where clients of the old stream object stay on it until they reconnect (several sources). */
  readonly orphans: boolean;
  /** False where go2rtc took the source in memory but could not save it. */
  readonly saved: boolean;
}

export interface WatchOutcome {
  readonly videoPackets: number;
  readonly remoteAddress?: IpAddress;
}

/** A go2rtc whose streams are kept right. Implementations make one call at a time: overlapping ones have crashed go2rtc. */
export interface StreamServer {
  readonly name: string;
  /** For a person: its address without credentials. */
  readonly place: string;
  /** @throws StreamServerError */
  info(signal: AbortSignal): Promise<ServerInfo>;
  /** Every stream, by the call that has no side effect on them. @throws StreamServerError */
  list(signal: AbortSignal): Promise<ReadonlyMap<StreamName, StreamState>>;
  /**
   * Points a stream at `sources`: the full list in order, placeholders resolved. One source: PATCH then PUT; several: PUT alone. Reads back, and
   * preloads again what was preloaded. Never deletes. Does nothing where the server holds exactly these sources already, as far as it shows them.
   * @throws StreamServerError
   */
  point(name: StreamName, sources: readonly string[], signal: AbortSignal): Promise<PointOutcome>;
  /**
   * Opens one RTSP client on the stream for at most `within` and reports the video packets that it received and the producer's address.
   * Resolves as soon as `enough` packets came.
   */
  watch(name: StreamName, enough: number, within: Duration, signal: AbortSignal): Promise<WatchOutcome>;
  /**
   * Names of streams that `point` stored in go2rtc's first file though it did not define them there: they would shadow another document later.
   * Removes them from the file, byte-exact around them, and checks that; memory is untouched.
   * @param intended streams that the file is meant to define, because it is itself a document that we heal
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
