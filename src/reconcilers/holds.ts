import type { IpAddress } from "../domain/addresses.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { type Host, type HostName, isHostName } from "../domain/host-name.ts";
import type { Clock } from "../ports/clock.ts";
import type { HoldRecord } from "../ports/consents.ts";
import type { Registry } from "../ports/registry.ts";

export interface HoldsPorts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly digest: (text: string) => string;
}

/**
 * Addresses that a camera is not to be healed to: a person undid the change, or no frames came from there. A hold outlives a restart. It ends when a
 * person asks for it, when the documents say something else of the camera, or when the camera was switched to yet another address.
 */
export class Holds {
  readonly #ports: HoldsPorts;
  #known: readonly HoldRecord[] | undefined;

  constructor(ports: HoldsPorts) {
    this.#ports = ports;
  }

  has(id: DeviceId, address: IpAddress): boolean {
    return this.#all.some((hold) => hold.device === id && hold.address === address);
  }

  /** Whether a person put the name back in place of an address: it is not replaced again before a person asks. */
  hasName(id: DeviceId, name: HostName): boolean {
    return this.#all.some((hold) => hold.device === id && hold.address.toLowerCase() === name.toLowerCase());
  }

  /** The latest hold of the device at an address. */
  of(id: DeviceId): HoldRecord | undefined {
    return this.#addressesOf(id).toSorted((one, other) => other.at - one.at)[0];
  }

  put(id: DeviceId, address: Host, why: HoldRecord["why"]): void {
    this.#save({ device: id, address, why, at: this.#ports.clock.now() });
  }

  /** The device was switched to yet another address: its holds at addresses are over. A name that a person put back stays. */
  liftAddresses(id: DeviceId): void {
    for (const { address } of this.#addressesOf(id)) this.lift(id, address);
  }

  /** Ends one hold, those of a device, or all. @returns the devices that were held */
  lift(id?: DeviceId, address?: Host): readonly DeviceId[] {
    const isMeant = (hold: HoldRecord): boolean =>
      (id === undefined || hold.device === id) && (address === undefined || hold.address === address);
    const lifted = this.#all.filter(isMeant);
    for (const hold of lifted) this.#ports.registry.consents.removeHold(hold.device, hold.address);
    this.#known = undefined;
    return [...new Set(lifted.map((hold) => hold.device))];
  }

  /** Ends holds that were put while the documents said something else of the device; the first call after a hold was put says what counts. */
  review(device: Device): void {
    for (const hold of this.#addressesOf(device.id)) {
      const now = this.#circumstances(device);
      if (hold.circumstances === undefined) this.#save({ ...hold, circumstances: now });
      else if (hold.circumstances !== now) this.liftAddresses(device.id);
    }
  }

  #addressesOf(id: DeviceId): readonly HoldRecord[] {
    return this.#all.filter(({ device, address }) => device === id && !isHostName(address));
  }

  get #all(): readonly HoldRecord[] {
    this.#known ??= this.#ports.registry.consents.holds();
    return this.#known;
  }

  #save(hold: HoldRecord): void {
    this.#ports.registry.consents.saveHold(hold);
    this.#known = undefined;
  }

  #circumstances({ addresses, streams, loginUrl }: Device): string {
    const sources = streams.map(({ name, sources: all }) => [name, all.map(({ text }) => text)]);
    return this.#ports.digest(JSON.stringify([addresses.toSorted(), sources, loginUrl ?? ""]));
  }
}
