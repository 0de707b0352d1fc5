import type { DeviceId } from "../domain/camera.ts";
import type { Clock } from "../ports/clock.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";
import type { Pointing } from "./pointing.ts";

export interface ReconnectingPorts {
  readonly fleet: Fleet;
  readonly pointing: Pointing;
  readonly clock: Clock;
}

/** Gives a device's streams a new connection when somebody asks for it, at the address where it was proved and nowhere else. */
export class Reconnecting implements Reconciler<DeviceId> {
  readonly name = "reconnect";
  readonly #ports: ReconnectingPorts;

  constructor(ports: ReconnectingPorts) {
    this.#ports = ports;
  }

  async reconcile(id: DeviceId, signal: AbortSignal): Promise<Outcome> {
    const { fleet, pointing, clock } = this.#ports;
    const device = fleet.device(id);
    const settled = fleet.settled(id);
    if (device === undefined || settled === undefined || pointing.isParked(id)) return {};
    await pointing.point(device, settled.address, clock.monotonic(), signal, { renew: true });
    return {};
  }
}
