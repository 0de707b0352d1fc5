import type { Device, DeviceId } from "../domain/camera.ts";
import { devicesCalled } from "../domain/device-names.ts";
import { type Duration, type Instant, seconds } from "../domain/duration.ts";
import type { Sighting } from "../domain/sighting.ts";
import { unknownCamera } from "../domain/unknown-camera.ts";
import { type Action, type ActionResult, type Refusal, refused } from "../ports/actions.ts";
import type { Clock } from "../ports/clock.ts";
import type { Registry } from "../ports/registry.ts";
import type { Fleet } from "./fleet.ts";
import type { Reconnecting } from "./reconnecting.ts";
import type { Resyncing } from "./resyncing.ts";

type Asked<Verb extends Action["verb"]> = Extract<Action, { readonly verb: Verb }>;

/** A new connection costs the camera a login and its viewers a moment: not more often than this. */
const RECONNECT_PAUSE = seconds(10);

export interface AskingPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly resyncing: Resyncing;
  readonly reconnecting: Pick<Reconnecting, "live" | "begin">;
  readonly onSighting: (sighting: Sighting) => void;
}

/** What a person or another program may ask for at any time. Each becomes an enqueue, so asking ten times is one pass, and no guard is passed by. */
export class Asking {
  readonly #ports: AskingPorts;
  /** `spared`: some of its streams were left as they are, which may be asked for with force at once. */
  readonly #reconnected = new Map<DeviceId, { readonly at: Duration; readonly spared: boolean }>();

  #resyncedAt: Instant | undefined;

  constructor(ports: AskingPorts) {
    this.#ports = ports;
  }

  /** When a resync was last begun. */
  get resyncedAt(): Instant | undefined {
    return this.#resyncedAt;
  }

  async resync({ camera, wait }: Asked<"resync">, signal: AbortSignal): Promise<ActionResult> {
    const { resyncing, fleet, clock } = this.#ports;
    const device = camera === undefined ? undefined : this.#device(camera);
    if (device !== undefined && "kind" in device) return device;
    const [devices, isAll] = [device === undefined ? fleet.devices : [device], device === undefined];
    const before = resyncing.whereabouts();
    this.#resyncedAt = clock.now();
    resyncing.begin(devices, isAll);
    if (wait !== undefined) return accepted(await resyncing.outcome(devices, isAll, before, wait, signal));
    return accepted(`${device?.title ?? "every camera and document"} is looked at again`);
  }

  /** go2rtc makes a new connection by a new stream, and leaves who watches the old one on it: the next move would not reach them. */
  async reconnect({ camera, force }: Asked<"reconnect">, signal: AbortSignal): Promise<ActionResult> {
    const { fleet, clock, registry, reconnecting } = this.#ports;
    const device = this.#device(camera);
    if ("kind" in device) return device;
    const { id, title } = device;
    if (registry.quarantines().some((record) => record.device === id))
      return refused("Quarantined", `another device answers at the address of ${title}; its streams stay parked until it is found`);
    if (fleet.settled(id) === undefined) return refused("Searching", `${title} is not where it should be and is searched for`);
    if (device.streams.length === 0) return refused("NothingToDo", `no stream of go2rtc's reads from ${title}`);
    const now = clock.monotonic();
    const last = this.#reconnected.get(id);
    const isForMore = force === true && last?.spared === true;
    if (last !== undefined && !isForMore && now - last.at < RECONNECT_PAUSE)
      return refused("AskedTooOften", `${title} was given a new connection less than ${String(RECONNECT_PAUSE / 1000)} s ago`);
    for (const known of this.#reconnected.keys()) if (fleet.device(known) === undefined) this.#reconnected.delete(known);
    this.#reconnected.set(id, { at: now, spared: false });
    const spared = force === true ? [] : await reconnecting.live(device, signal);
    const names = [...new Set(spared.map(({ stream }) => stream))];
    if (device.streams.every(({ name }) => names.includes(name))) {
      this.#reconnected.delete(id);
      return refused("StreamsLive", `${title} delivers video by ${names.join(", ")}: who watches would stay on the old connection`);
    }
    this.#reconnected.set(id, { at: now, spared: names.length > 0 });
    reconnecting.begin(id, spared);
    const but =
      names.length === 0 ? "" : `, but ${names.join(", ")}, which delivers video to somebody: who watches would stay on the old one`;
    return accepted(`the streams of ${title} get a new connection${but}`);
  }

  sighting({ mac, endpoint, address, hostName }: Asked<"sighting">): ActionResult {
    const { fleet, registry, clock, onSighting } = this.#ports;
    const named = fleet.devices.filter(
      (device) =>
        (mac !== undefined && fleet.macsOf(device).includes(mac)) ||
        (endpoint !== undefined && registry.device(device.id)?.identity.endpoint === endpoint),
    );
    // Somebody else's MAC address at a camera's address has that camera looked at.
    const told = mac === undefined ? named.flatMap((device) => fleet.macsOf(device).slice(0, 1)) : [mac];
    const concerned = fleet.devices.some((device) => fleet.addressOf(device) === address) && mac !== undefined;
    if (told.length === 0 || (named.length === 0 && !concerned))
      return refused("CameraUnknown", `no camera is known by that ${mac === undefined ? "endpoint reference" : "MAC address"}`);
    for (const each of told)
      onSighting({ layer: "reported", mac: each, address, at: clock.now(), ...(hostName === undefined ? {} : { hostName }) });
    return accepted(`${address} is looked at; nothing changes unless the camera is proved to be there`);
  }

  #device(camera: string): Device | Refusal {
    const { devices } = this.#ports.fleet;
    const found = devicesCalled(camera, devices);
    const [device, ...others] = found;
    if (device !== undefined && others.length === 0) return device;
    return refused("CameraUnknown", unknownCamera(camera, found, devices));
  }
}

function accepted(message: string): ActionResult {
  return { kind: "accepted", message };
}
