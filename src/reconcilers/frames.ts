import type { IpAddress } from "../domain/addresses.ts";
import type { Device, DeviceId, StreamName } from "../domain/camera.ts";
import { type Duration, formatDuration, milliseconds, seconds } from "../domain/duration.ts";
import type { Tell } from "../domain/notice.ts";
import type { Clock } from "../ports/clock.ts";
import type { Status } from "../ports/status.ts";
import { type StreamServer, StreamServerError, type WatchOutcome } from "../ports/stream-server.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import { type Outcome, Waiting } from "../runtime/outcome.ts";
import type { Documents } from "./documents.ts";
import { mayBeSent } from "./document-notes.ts";
import type { Fleet } from "./fleet.ts";
import type { Pointing } from "./pointing.ts";
import type { UntoldStreams } from "./untold-streams.ts";

/** One RTSP client is open for at most this long. */
const LOOK = seconds(5);
/** A device of many streams is not judged before each had its turn, but in this many times the limit at the latest. */
const TURNS = 3;
/** Video packets that prove a stream: more than a stray one. */
const ENOUGH = 5;

export interface FramesPorts {
  readonly fleet: Fleet;
  readonly servers: readonly StreamServer[];
  readonly documents: Documents;
  readonly pointing: Pick<Pointing, "isThere">;
  readonly untold: Pick<UntoldStreams, "has">;
  readonly clock: Clock;
  readonly status: Status;
  readonly tell: Tell;
  /** Without frames for this long after the streams were pointed, the former address is put back. */
  readonly giveUp: Duration;
  /** Points the device's streams back to its former address, and keeps the refused one from being tried again. */
  readonly takeBack: (device: DeviceId, refused: IpAddress, signal: AbortSignal) => Promise<void>;
}

/** After a device was switched: do frames of it flow from its new address? */
export class Frames implements Reconciler<DeviceId> {
  readonly name = "frames";
  readonly #ports: FramesPorts;
  readonly #awaited = new Map<DeviceId, Awaited>();

  constructor(ports: FramesPorts) {
    this.#ports = ports;
  }

  /** True while frames of a switched device are awaited: of this one, or of any. */
  pending(id?: DeviceId): boolean {
    return id === undefined ? this.#awaited.size > 0 : this.#awaited.has(id);
  }

  async reconcile(id: DeviceId, signal: AbortSignal): Promise<Outcome> {
    const { fleet, clock } = this.#ports;
    const device = fleet.device(id);
    const settled = fleet.settled(id);
    if (device === undefined || settled?.previous === undefined) return this.#end(id);
    const before = this.#awaited.get(id);
    const known =
      before?.address === settled.address
        ? before
        : { address: settled.address, since: clock.monotonic(), looked: new Map<string, number>(), isJudged: false };
    const awaited: Awaited = { ...known, looked: new Map(known.looked) };
    this.#awaited.set(id, awaited);
    const streams = await this.#streamsOf(device, signal);
    const next = streams.toSorted((one, other) => (awaited.looked.get(one.key) ?? 0) - (awaited.looked.get(other.key) ?? 0))[0];
    if (next === undefined) {
      this.#ports.tell({ kind: "unwatched", device: id });
      return this.#end(id);
    }
    const seen = await this.#look(next.server, next.stream, signal);
    awaited.looked.set(next.key, (awaited.looked.get(next.key) ?? 0) + 1);
    awaited.isJudged ||= seen !== undefined;
    if (seen !== undefined && seen.videoPackets >= ENOUGH && (seen.remoteAddress ?? settled.address) === settled.address) {
      const after = milliseconds(clock.monotonic() - settled.hintAt);
      this.#ports.status.set(`device/${id}`, "ok", "Healed", `${device.title} is at ${settled.address} and delivers frames`);
      this.#ports.tell({ kind: "frames", device: id, stream: next.stream, from: settled.address, packets: seen.videoPackets, after });
      return this.#end(id);
    }
    const waited = clock.monotonic() - awaited.since;
    const isOver = waited >= this.#ports.giveUp && streams.every(({ key }) => awaited.looked.has(key));
    if (!isOver && waited < this.#ports.giveUp * TURNS)
      throw new Waiting("StreamDead", seconds(1), `no frames of ${device.title} yet from ${settled.address}`);
    if (awaited.isJudged) await this.#giveUp(id, device.title, settled.address, signal);
    else this.#ports.tell({ kind: "unwatched", device: id });
    return this.#end(id);
  }

  /** Nothing is awaited of the device any more: what was written for it stands, unless it was taken back. */
  #end(id: DeviceId): Outcome {
    this.#awaited.delete(id);
    this.#ports.documents.confirm(id);
    return {};
  }

  /** The device's streams that could be pointed, by server; servers that do not answer have none. What go2rtc did not take says nothing of the address. */
  async #streamsOf(device: Device, signal: AbortSignal): Promise<readonly AwaitedStream[]> {
    const { pointing, untold } = this.#ports;
    const streams = device.streams.filter(({ sources }) => mayBeSent(sources));
    const found: AwaitedStream[] = [];
    for (const server of this.#ports.servers) {
      const listed = await this.#answer(() => server.list(signal), signal);
      const here = streams.filter(
        (stream) => listed?.has(stream.name) === true && !untold.has(server.name, stream.name) && pointing.isThere(server, device, stream),
      );
      for (const { name } of here) found.push({ key: `${server.name}/${name}`, server, stream: name });
    }
    return found;
  }

  #look(server: StreamServer, stream: StreamName, signal: AbortSignal): Promise<WatchOutcome | undefined> {
    return this.#answer(() => server.watch(stream, ENOUGH, LOOK, signal), signal);
  }

  /** What the server answers; undefined where it does not. */
  async #answer<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StreamServerError) return undefined;
      throw error;
    }
  }

  async #giveUp(id: DeviceId, title: string, address: IpAddress, signal: AbortSignal): Promise<void> {
    const { restored, foreign } = await this.#ports.documents.restore(id, address, signal);
    await this.#ports.takeBack(id, address, signal);
    const message = `no frames of ${title} came from ${address} within ${formatDuration(this.#ports.giveUp)}`;
    if (foreign.length > 0) {
      this.#ports.status.set(
        `device/${id}`,
        "problem",
        "NotRolledBack",
        `${message}; ${foreign.join(", ")} was edited since, or cannot be written, and is left as it is`,
      );
      return;
    }
    this.#ports.status.set(`device/${id}`, "problem", "RolledBack", `${message}; the former address was put back`);
    for (const place of restored) this.#ports.tell({ kind: "rolled-back", target: place, place, message });
  }
}

/** A switched device whose frames are awaited. */
interface Awaited {
  readonly address: IpAddress;
  /** Monotonic. */
  readonly since: number;
  /** How often each stream was looked at. */
  readonly looked: Map<string, number>;
  /** Whether go2rtc ever said how many packets came. */
  isJudged: boolean;
}

interface AwaitedStream {
  readonly key: string;
  readonly server: StreamServer;
  readonly stream: StreamName;
}
