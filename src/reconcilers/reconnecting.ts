import type { Device, DeviceId } from "../domain/camera.ts";
import type { Clock } from "../ports/clock.ts";
import type { StreamServer } from "../ports/stream-server.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";
import { liveStreams, type ServedStream } from "./live-streams.ts";
import type { Pointing } from "./pointing.ts";

export interface ReconnectingPorts {
  readonly fleet: Fleet;
  readonly pointing: Pointing;
  readonly servers: readonly StreamServer[];
  readonly clock: Clock;
  /** The device is to be looked at by the loop. */
  readonly enqueue: (id: DeviceId) => void;
}

/** Gives a device's streams a new connection when somebody asks for it, at the address where it was proved and nowhere else. */
export class Reconnecting implements Reconciler<DeviceId> {
  readonly name = "reconnect";
  readonly #ports: ReconnectingPorts;
  readonly #spared = new Map<DeviceId, readonly ServedStream[]>();

  constructor(ports: ReconnectingPorts) {
    this.#ports = ports;
  }

  /** The streams of the device of which somebody is given video just now. @throws the signal's reason when aborted */
  live(device: Device, signal: AbortSignal): Promise<readonly ServedStream[]> {
    return liveStreams(device, this.#ports.servers, this.#ports.clock, signal);
  }

  /** The device's streams are to get a new connection, all but these. */
  begin(id: DeviceId, spared: readonly ServedStream[]): void {
    this.#spared.set(id, spared);
    this.#ports.enqueue(id);
  }

  async reconcile(id: DeviceId, signal: AbortSignal): Promise<Outcome> {
    const { fleet, pointing, clock } = this.#ports;
    const device = fleet.device(id);
    const settled = fleet.settled(id);
    const spared = this.#spared.get(id) ?? [];
    this.#spared.delete(id);
    if (device === undefined || settled === undefined || pointing.isParked(id)) return {};
    await pointing.point(device, settled.address, clock.monotonic(), signal, { renew: true, spared });
    return {};
  }
}
