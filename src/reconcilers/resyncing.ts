import type { IpAddress } from "../domain/addresses.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { type Duration, milliseconds } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";
import type { TargetName } from "../ports/config-target.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { KeyState } from "../runtime/key-state.ts";
import { devicesOfOwners } from "./document-wishes.ts";
import type { Fleet } from "./fleet.ts";
import type { Holds } from "./holds.ts";

/** How often it is looked whether something is still under way: twice in a row nothing means the end, for one loop wakes the next. */
const LOOK = milliseconds(200);
/** So many cameras are told of one by one. */
const MOST_TOLD = 20;

interface Busy {
  busy(): boolean;
}

export interface ResyncingPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly status: Status;
  readonly holds: Pick<Holds, "lift">;
  readonly look: (device: DeviceId) => void;
  /** Has every document compared, and every server's streams. */
  readonly lookAtRest: () => void;
  readonly bindingLoop: { keys(): readonly KeyState<DeviceId>[] };
  readonly documentLoop: Busy;
  /** What looks for missing cameras. */
  readonly hunts: readonly Busy[];
  readonly searches: { isMissing(device: DeviceId): boolean };
  /** True while video of a camera that moved is awaited: of this one, or of any. */
  readonly frames: { pending(device?: DeviceId): boolean };
}

/** Has a camera, or everything, looked at again, and tells what that came to. */
export class Resyncing {
  readonly #ports: ResyncingPorts;

  constructor(ports: ResyncingPorts) {
    this.#ports = ports;
  }

  /** What was held back is tried again. */
  begin(devices: readonly Device[], isAll: boolean): void {
    const { holds, look, lookAtRest } = this.#ports;
    for (const { id } of isAll ? [] : devices) holds.lift(id);
    if (isAll) holds.lift(undefined);
    for (const { id } of devices) look(id);
    if (isAll) lookAtRest();
  }

  /** Where each device was proved last. */
  whereabouts(): ReadonlyMap<DeviceId, IpAddress | undefined> {
    return new Map(this.#ports.registry.devices().map(({ id, address }) => [id, address]));
  }

  /**
   * Waits until nothing of it is under way any more, for at most `within`; what goes on then goes on by itself.
   * @param before as `whereabouts` was before it began
   * @returns a sentence of what was found and healed, or what is still done
   */
  async outcome(
    devices: readonly Device[],
    isAll: boolean,
    before: ReadonlyMap<DeviceId, IpAddress | undefined>,
    within: Duration,
    signal: AbortSignal,
  ): Promise<string> {
    const { clock } = this.#ports;
    const start = clock.monotonic();
    for (let quiet = 0; quiet < 2 && clock.monotonic() - start < within; quiet = this.#isUnderWay(devices) ? 0 : quiet + 1)
      await clock.wait("a resync", LOOK, signal);
    const isOver = !this.#isUnderWay(devices);
    const words = devices.flatMap((device) => this.#cameWords(device, before.get(device.id)));
    words.push(...unwrittenWords(this.#ports, isAll ? undefined : devices));
    const more = words.length > MOST_TOLD ? [`and ${String(words.length - MOST_TOLD)} more`] : [];
    const [only] = devices;
    const what = isAll || only === undefined ? "every camera and document" : only.title;
    const still = isOver ? `${what} was looked at again` : `${what} is still looked at after ${String(within / 1000)} s, and that goes on`;
    const calm = isAll
      ? isOver
        ? "nothing had moved"
        : "nothing has moved so far"
      : `it is at ${this.#addressOf(only) ?? "no known address"}`;
    return [still, ...(words.length === 0 ? [calm] : words.slice(0, MOST_TOLD)), ...more].join("; ");
  }

  #isUnderWay(devices: readonly Device[]): boolean {
    const { bindingLoop, documentLoop, hunts, searches, frames } = this.#ports;
    const ids = new Set(devices.map(({ id }) => id));
    const isLooked = bindingLoop.keys().some(({ key, state }) => ids.has(key) && (state === "running" || state === "queued"));
    const isHunted = devices.some(({ id }) => searches.isMissing(id)) && hunts.some((hunt) => hunt.busy());
    return isLooked || isHunted || documentLoop.busy() || frames.pending();
  }

  /** What came of one camera; nothing where it is where it was. */
  #cameWords(device: Device, from: IpAddress | undefined): readonly string[] {
    const { fleet, status, frames } = this.#ports;
    const condition = status.get(`device/${device.id}`);
    const settled = fleet.settled(device.id);
    if (condition?.status === "problem") return [condition.message];
    if (settled === undefined) return [`${device.title} was not proved yet`];
    if (settled.address === from) return [];
    if (from !== undefined && frames.pending(device.id))
      return [`${device.title} was found at ${settled.address}, no longer at ${from}: video from there is awaited`];
    return [`${device.title} was ${from === undefined ? `learned at ${settled.address}` : `healed from ${from} to ${settled.address}`}`];
  }

  #addressOf(device: Device | undefined): IpAddress | undefined {
    return device === undefined ? undefined : this.#ports.fleet.addressOf(device);
  }
}

/**
 * Why documents do not have what was found, each in a sentence: one waits for a person, or cannot be written.
 * @param devices those in whose documents somebody is interested; absent: all
 */
export function unwrittenWords(
  { fleet, status }: { readonly fleet: Fleet; readonly status: Pick<Status, "get"> },
  devices: readonly Device[] | undefined,
): readonly string[] {
  const ids = devices?.map(({ id }) => id);
  const isConcerned = (target: TargetName): boolean => {
    const document = fleet.documents.find(({ target: { name } }) => name === target);
    if (ids === undefined || document === undefined) return true;
    return document.reading.occurrences.some(({ owners }) => devicesOfOwners(fleet, owners).some((id) => ids.includes(id)));
  };
  return fleet.targets.flatMap(({ name }) => {
    const condition = status.get(`target/${name}`);
    return condition?.status === "problem" && isConcerned(name) ? [condition.message] : [];
  });
}
