import type { IpAddress } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import { milliseconds, seconds } from "../domain/duration.ts";
import type { Tell } from "../domain/notice.ts";
import type { Clock } from "../ports/clock.ts";
import type { Status } from "../ports/status.ts";
import { type StreamServer, StreamServerError, type WatchOutcome } from "../ports/stream-server.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import { type Outcome, Waiting } from "../runtime/outcome.ts";
import type { Documents } from "./documents.ts";
import { mayBeSent } from "./document-notes.ts";
import type { Fleet } from "./fleet.ts";

/** One RTSP client is open for at most this long. */
const LOOK = seconds(5);
/** Without frames for this long after the streams were pointed, the former address is put back. */
const GIVE_UP = seconds(20);
/** Video packets that prove a stream: more than a stray one. */
const ENOUGH = 5;

export interface FramesPorts {
  readonly fleet: Fleet;
  readonly servers: readonly StreamServer[];
  readonly documents: Documents;
  readonly clock: Clock;
  readonly status: Status;
  readonly tell: Tell;
  /** Points the device's streams back to its former address, and keeps the refused one from being tried again. */
  readonly takeBack: (device: DeviceId, refused: IpAddress, signal: AbortSignal) => Promise<void>;
}

/** After a device was switched: do frames of it flow from its new address? */
export class Frames implements Reconciler<DeviceId> {
  readonly name = "frames";
  readonly #ports: FramesPorts;
  readonly #since = new Map<DeviceId, { readonly address: IpAddress; readonly at: number }>();

  constructor(ports: FramesPorts) {
    this.#ports = ports;
  }

  /** True while frames of a switched device are awaited. */
  pending(): boolean {
    return this.#since.size > 0;
  }

  async reconcile(id: DeviceId, signal: AbortSignal): Promise<Outcome> {
    const { fleet, clock, documents } = this.#ports;
    const device = fleet.device(id);
    const settled = fleet.settled(id);
    const known = this.#since.get(id);
    if (device === undefined || settled?.previous === undefined) return {};
    const since = known?.address === settled.address ? known.at : clock.monotonic();
    this.#since.set(id, { address: settled.address, at: since });
    for (const stream of device.streams.filter(({ sources }) => mayBeSent(sources))) {
      for (const server of this.#ports.servers) {
        const seen = await this.#look(server, stream.name, signal);
        if (seen === undefined) continue;
        if (seen.videoPackets >= ENOUGH && (seen.remoteAddress ?? settled.address) === settled.address) {
          this.#since.delete(id);
          documents.confirm(id);
          const after = milliseconds(clock.monotonic() - settled.hintAt);
          this.#ports.status.set(`device/${id}`, "ok", "Healed", `${device.title} is at ${settled.address} and delivers frames`);
          this.#ports.tell({ kind: "frames", device: id, stream: stream.name, from: settled.address, packets: seen.videoPackets, after });
          return {};
        }
        if (clock.monotonic() - since < GIVE_UP)
          throw new Waiting("StreamDead", seconds(1), `no frames of ${device.title} yet from ${settled.address}`);
        this.#since.delete(id);
        await this.#giveUp(id, device.title, settled.address, signal);
        return {};
      }
    }
    this.#since.delete(id);
    documents.confirm(id);
    return {};
  }

  async #look(server: StreamServer, stream: Parameters<StreamServer["watch"]>[0], signal: AbortSignal): Promise<WatchOutcome | undefined> {
    try {
      if (!(await server.list(signal)).has(stream)) return undefined;
      return await server.watch(stream, ENOUGH, LOOK, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StreamServerError) return undefined;
      throw error;
    }
  }

  async #giveUp(id: DeviceId, title: string, address: IpAddress, signal: AbortSignal): Promise<void> {
    const { restored, foreign } = await this.#ports.documents.restore(id, signal);
    await this.#ports.takeBack(id, address, signal);
    const message = `no frames of ${title} came from ${address} within 20 s`;
    if (foreign.length > 0) {
      this.#ports.status.set(
        `device/${id}`,
        "problem",
        "NotRolledBack",
        `${message}; ${foreign.join(", ")} was edited since and is left as it is`,
      );
      return;
    }
    this.#ports.status.set(`device/${id}`, "problem", "RolledBack", `${message}; the former address was put back`);
    for (const place of restored) this.#ports.tell({ kind: "rolled-back", target: place, place, message });
  }
}
