import type { Device, DeviceId } from "../domain/camera.ts";
import { clockWords, isClockOff } from "../domain/camera-clock.ts";
import { hours, milliseconds, minutes, seconds } from "../domain/duration.ts";
import type { CameraDetails } from "../ports/camera-details.ts";
import type { Random } from "../ports/clock.ts";
import type { Status } from "../ports/status.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";
import type { Measured } from "./measured.ts";

/** A camera is asked for its time no more often. */
const PAUSE = hours(1);
/** A camera that was not proved yet, or does not answer. */
const LATER = minutes(5);
const WITHIN = seconds(3);

export interface CameraClocksPorts {
  readonly fleet: Fleet;
  readonly details: Pick<CameraDetails, "clockOffset">;
  readonly random: Random;
  readonly status: Status;
  readonly measured: Measured;
}

/** Compares each camera's clock with this machine's, once an hour: recordings of a camera with a wrong clock bear wrong times. */
export class CameraClocks implements Reconciler<DeviceId> {
  readonly name = "clock";
  readonly #ports: CameraClocksPorts;

  constructor(ports: CameraClocksPorts) {
    this.#ports = ports;
  }

  async reconcile(id: DeviceId, signal: AbortSignal): Promise<Outcome> {
    const { fleet, details, random } = this.#ports;
    const device = fleet.device(id);
    if (device === undefined || device.battery === true) return {};
    const settled = fleet.settled(id);
    if (settled === undefined) return { requeueAfter: LATER };
    const offset = await details.clockOffset(settled.address, device.onvifPorts, WITHIN, signal);
    if (offset !== undefined) {
      this.#ports.measured.noteClock(id, offset);
      this.#show(device, offset);
    }
    return { requeueAfter: milliseconds(PAUSE * (1 + 0.1 * random())) };
  }

  #show(device: Device, offset: Parameters<typeof isClockOff>[0]): void {
    const { status } = this.#ports;
    const subject = `device/${device.id}/clock`;
    if (isClockOff(offset)) status.set(subject, "problem", "ClockOff", `the clock of ${device.title} is ${clockWords(offset)}`);
    else if (status.get(subject)?.status === "problem") status.set(subject, "ok", "Healthy", `the clock of ${device.title} is right`);
  }
}
