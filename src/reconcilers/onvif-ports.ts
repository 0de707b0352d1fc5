import type { DeviceId } from "../domain/camera.ts";
import { minutes, seconds } from "../domain/duration.ts";
import type { Prober } from "../ports/prober.ts";
import type { Registry } from "../ports/registry.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";

const WITHIN = seconds(4);
/** A camera that is nowhere proved yet. */
const LATER = minutes(5);

export interface OnvifPortsPorts {
  readonly fleet: Pick<Fleet, "device" | "settled" | "noteOnvifPort">;
  readonly registry: Pick<Registry, "device" | "saveDevice">;
  readonly prober: Pick<Prober, "onvifPort">;
}

/**
 * Learns once a run on which port a proved camera's ONVIF service is: it may be one that nobody guesses, and the camera may be looked for where nothing but
 * TCP goes through. A loop of its own, since a camera that just went dark keeps the question waiting while somebody else takes its address.
 */
export class OnvifPorts implements Reconciler<DeviceId> {
  readonly name = "onvif-port";
  readonly #ports: OnvifPortsPorts;
  readonly #asked = new Set<DeviceId>();

  constructor(ports: OnvifPortsPorts) {
    this.#ports = ports;
  }

  async reconcile(id: DeviceId, signal: AbortSignal): Promise<Outcome> {
    const { registry, prober, fleet } = this.#ports;
    const device = fleet.device(id);
    if (device === undefined) {
      this.#asked.delete(id);
      return {};
    }
    const address = fleet.settled(id)?.address;
    if (this.#asked.has(id) || device.battery === true) return {};
    if (address === undefined || registry.device(id)?.identity.endpoint === undefined) return { requeueAfter: LATER };
    this.#asked.add(id);
    const port = await prober.onvifPort(address, device.onvifPorts, WITHIN, signal);
    const record = registry.device(id);
    if (port === undefined || record === undefined || record.identity.onvifPort === port || fleet.settled(id)?.address !== address)
      return {};
    registry.saveDevice({ ...record, identity: { ...record.identity, onvifPort: port } });
    fleet.noteOnvifPort(id, port);
    return {};
  }
}
