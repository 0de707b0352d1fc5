import type { DeviceId } from "../domain/camera.ts";
import type { Loop } from "../runtime/loop.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import { CameraClocks, type CameraClocksPorts } from "./camera-clocks.ts";
import { Changed, type ChangedPorts } from "./changed.ts";
import { OnvifPorts, type OnvifPortsPorts } from "./onvif-ports.ts";
import { Power, type PowerPorts } from "./power.ts";
import { ToldMacs, type ToldMacsPorts } from "./told-macs.ts";

/** The loops that look at what a camera is like, not at where it is. */
export interface CameraCare {
  readonly loops: readonly Loop<DeviceId>[];
  /** The camera was proved to be where it is. */
  onProved(id: DeviceId): void;
  /** A stream of it went dead, or lives again. */
  onTurn(id: DeviceId): void;
  forget(id: DeviceId): void;
}

/** @param loop makes a loop of a reconciler, with the subject of its own conditions and how many passes may run at once */
export function createCare(
  ports: CameraClocksPorts & ChangedPorts & OnvifPortsPorts & PowerPorts & ToldMacsPorts,
  loop: (reconciler: Reconciler<DeviceId>, subject: (id: DeviceId) => string, concurrency: number) => Loop<DeviceId>,
): CameraCare {
  const changed = loop(new Changed(ports), (id) => `changed/${id}`, 4);
  const clocks = loop(new CameraClocks(ports), (id) => `clock/${id}`, 4);
  const told = loop(new ToldMacs(ports), (id) => `told/${id}`, 2);
  const services = loop(new OnvifPorts(ports), (id) => `onvif-port/${id}`, 4);
  // One after the other: a home that loses its power all at once is not switched all at once.
  const power = loop(new Power(ports), (id) => `power/${id}`, 1);
  return {
    loops: [changed, clocks, power, services, told],
    onProved: (id) => {
      clocks.enqueue(id);
      told.enqueue(id);
      services.enqueue(id);
      power.enqueue(id);
    },
    onTurn: (id) => {
      changed.enqueue(id);
      power.enqueue(id);
    },
    forget: (id) => {
      changed.forget(id);
      clocks.forget(id);
      power.forget(id);
      services.forget(id);
      told.forget(id);
    },
  };
}
