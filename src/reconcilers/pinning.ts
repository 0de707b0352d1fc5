import type { IpAddress } from "../domain/addresses.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { type Duration, minutes } from "../domain/duration.ts";
import type { HostName } from "../domain/host-name.ts";
import type { ReasonCode } from "../domain/reasons.ts";
import type { Clock } from "../ports/clock.ts";
import type { Status } from "../ports/status.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import { devicesOfOwners, isSharedName } from "./document-wishes.ts";
import type { Fleet } from "./fleet.ts";
import type { Holds } from "./holds.ts";
import type { Logins } from "./logins.ts";
import type { Looking } from "./looking.ts";

/** Whether a login may be spent on it is the guard's to say. */
const AGAIN = minutes(5);

export interface PinningPorts {
  readonly fleet: Fleet;
  readonly holds: Holds;
  readonly looking: Pick<Looking, "rehearse">;
  readonly logins: Logins;
  readonly clock: Pick<Clock, "monotonic">;
  readonly status: Status;
  /** The camera was proved: documents may say its address in place of its name. */
  readonly onProved: () => void;
}

/**
 * Proves a camera where it is before its host name is replaced in a document, as after a move: that it was learned there says only that a device
 * answers. Nothing is done for a camera whose host name nobody asked to have replaced.
 */
export class Pinning implements Reconciler<DeviceId> {
  readonly name = "pin";
  readonly #ports: PinningPorts;
  readonly #tried = new Map<DeviceId, Duration>();

  constructor(ports: PinningPorts) {
    this.#ports = ports;
  }

  /** Cameras to be proved now because a document names them by a name that is to be replaced. Says of those that are left why. */
  due(): readonly DeviceId[] {
    const { fleet, holds, clock, status } = this.#ports;
    const now = clock.monotonic();
    return fleet.devices.flatMap(({ id, title, battery }) => {
      const [name] = this.#namesOf(id);
      const subject = subjectOf(id);
      if (name === undefined) {
        status.clear(subject);
        return [];
      }
      if (holds.hasName(id, name)) {
        status.set(subject, "unknown", "Undone", `${name} of ${title} is not replaced by an address: a person undid that`);
        return [];
      }
      if (isSharedName(fleet, name, id)) {
        status.set(subject, "unknown", "NotRewritable", `${name} of ${title} is not replaced: another camera uses that name too`);
        return [];
      }
      const settled = fleet.settled(id);
      if (settled === undefined || settled.isVerified === true || battery === true) return [];
      const tried = this.#tried.get(id);
      return tried === undefined || now - tried >= AGAIN ? [id] : [];
    });
  }

  async reconcile(id: DeviceId, signal: AbortSignal): Promise<Outcome> {
    const { fleet, looking, logins, clock, status, onProved } = this.#ports;
    const device = fleet.device(id);
    const settled = fleet.settled(id);
    const [name] = this.#namesOf(id);
    if (device === undefined || settled === undefined || settled.isVerified === true || name === undefined) return {};
    this.#tried.set(id, clock.monotonic());
    if (logins.wasRefused(device, settled.address)) {
      this.#show(device, name, settled.address, "LoginRefused");
      return {};
    }
    const isKnown = logins.wasAccepted(device, settled.address);
    if (!isKnown && device.loginUrl !== undefined && !logins.mayRepeat(device, settled.address)) return {};
    const { verdict, reason, evidence } = await looking.rehearse(device, settled.address, !isKnown, signal);
    const now = fleet.settled(id);
    if (now?.address !== settled.address) {
      this.#tried.delete(id);
      return {};
    }
    if (verdict === "verified") {
      fleet.settle(id, { ...now, isVerified: true });
      status.clear(subjectOf(id));
      onProved();
      return {};
    }
    this.#show(device, name, settled.address, reason, evidence.steps.findLast((step) => step.outcome === "failed")?.detail);
    return {};
  }

  #show({ id, title }: Device, name: HostName, address: IpAddress, reason: ReasonCode, detail?: string): void {
    const why = detail === undefined ? "" : `: ${detail}`;
    const message = `${name} of ${title} is not replaced: the camera could not be proved at ${address}${why}`;
    this.#ports.status.set(subjectOf(id), "problem", reason, message);
  }

  /** The names that documents have of the device in place of its address. */
  #namesOf(id: DeviceId): readonly HostName[] {
    const { fleet } = this.#ports;
    const named = fleet.documents.flatMap(({ reading }) => reading.occurrences.filter(({ name }) => name !== undefined));
    return named.flatMap((one) => (devicesOfOwners(fleet, one.owners).includes(id) ? (one.name ?? []) : []));
  }
}

function subjectOf(id: DeviceId): string {
  return `pin/${id}`;
}
