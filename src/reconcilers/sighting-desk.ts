import type { IpAddress } from "../domain/addresses.ts";
import type { DeviceId } from "../domain/camera.ts";
import { type Candidate, candidatesInOrder, noteSighting, routeSighting, type Sought, withoutCandidate } from "../domain/candidates.ts";
import type { Duration } from "../domain/duration.ts";
import type { Sighting } from "../domain/sighting.ts";
import type { Clock } from "../ports/clock.ts";
import type { Fleet } from "./fleet.ts";

export interface SightingDeskPorts {
  readonly fleet: Fleet;
  readonly clock: Clock;
  /** A device is to be looked at; `news` where the sighting is a reason to drop what is being looked at now. */
  readonly onNews: (device: DeviceId, news: boolean) => void;
  /** True while the device is not where it should be: then seeing it there is news too. */
  readonly isLost: (device: DeviceId) => boolean;
}

/** Takes sightings from every layer, keeps the candidate addresses of each device, and says which devices are to be looked at. */
export class SightingDesk {
  readonly #ports: SightingDeskPorts;
  readonly #candidates = new Map<DeviceId, readonly Candidate[]>();
  readonly #firstHints = new Map<DeviceId, ReadonlyMap<IpAddress, Duration>>();

  constructor(ports: SightingDeskPorts) {
    this.#ports = ports;
  }

  /** What is known of the devices is looked up once for all of the sightings: one message of another program may hold many. */
  note(...sightings: readonly Sighting[]): void {
    const { fleet } = this.#ports;
    if (sightings.length === 0) return;
    const sought = fleet.devices.map((device) => {
      const address = fleet.addressOf(device);
      const { endpoint, uid, toldMacs = [] } = fleet.identityOf(device);
      const macs = [...fleet.macsOf(device), ...toldMacs];
      return { id: device.id, macs, endpoint, uid, addresses: address === undefined ? device.addresses : [address] };
    });
    for (const sighting of sightings) this.#note(sighting, sought);
  }

  #note(sighting: Sighting, sought: readonly Sought[]): void {
    const { clock, onNews, isLost } = this.#ports;
    const { candidateOf, confirms, recheck } = routeSighting(sighting, sought);
    for (const id of candidateOf) {
      const known = candidatesInOrder(this.#candidates.get(id) ?? [], [], undefined, clock.now());
      const fresh = !known.some((candidate) => candidate.address === sighting.address);
      const candidates = noteSighting(known, sighting);
      const hints = new Map(this.#firstHints.get(id));
      if (fresh || !hints.has(sighting.address)) hints.set(sighting.address, clock.monotonic());
      this.#candidates.set(id, candidates);
      this.#firstHints.set(id, new Map([...hints].filter(([address]) => candidates.some((one) => one.address === address))));
      if (fresh || sighting.layer === "dhcp") onNews(id, fresh);
    }
    for (const id of confirms) if (sighting.layer === "dhcp" || isLost(id)) onNews(id, false);
    for (const id of recheck) onNews(id, false);
  }

  /** Where the device may be, in the order to try; the address it is taken to be at is left out. */
  candidates(id: DeviceId, current: IpAddress | undefined): readonly Candidate[] {
    return candidatesInOrder(this.#candidates.get(id) ?? [], [], current, this.#ports.clock.now());
  }

  /** Monotonic time of the first sighting of the device at the address; now where there was none. */
  hintAt(id: DeviceId, address: IpAddress): Duration {
    return this.#firstHints.get(id)?.get(address) ?? this.#ports.clock.monotonic();
  }

  /** A verdict was given on the address: it is no candidate before it is sighted again. */
  drop(id: DeviceId, address: IpAddress): void {
    this.#candidates.set(id, withoutCandidate(this.#candidates.get(id) ?? [], address));
    const hints = new Map(this.#firstHints.get(id));
    hints.delete(address);
    this.#firstHints.set(id, hints);
  }

  forget(id: DeviceId): void {
    this.#candidates.delete(id);
    this.#firstHints.delete(id);
  }
}
