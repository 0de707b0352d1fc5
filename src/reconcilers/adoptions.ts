import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import { type Adoption, type Claims, type FoundDevice, matchAdoptions, type Unlearned } from "../domain/adoption.ts";
import { adoptionAsk, adoptionWords } from "../domain/adoption-words.ts";
import type { Device, DeviceId, Identity } from "../domain/camera.ts";
import { devicesCalled } from "../domain/device-names.ts";
import { type Duration, instant, type Instant, milliseconds, minutes, seconds } from "../domain/duration.ts";
import { type Action, type ActionResult, refused } from "../ports/actions.ts";
import type { Clock } from "../ports/clock.ts";
import type { KnownDevice, KnownDevices } from "../ports/known-devices.ts";
import type { Prober } from "../ports/prober.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Unproved } from "./unproved.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";
import { FoundDevices } from "./found-devices.ts";
import { mayReplace, replaceBy, type ReplacingPorts, saysItIsAnother, whereItAnswers } from "./replacing.ts";
import type { SecondMacs } from "./second-macs.ts";
import type { Searches } from "./searches.ts";
import type { SightingDesk } from "./sighting-desk.ts";
import { recordOf } from "./switching.ts";

/** The one key of this loop: cameras and devices are matched all together. */
export const HOME = "home";

const LOOK_AGAIN = minutes(5);
/** Cameras are learned where they should be within this time of a start, as a rule; how often it is looked whether they were. */
const AWAITED_WITHIN = seconds(10);
const AWAITED_AGAIN = seconds(1);
/** What another program knows helps, and is not waited for. */
const ELSEWHERE = seconds(5);

export interface AdoptionsPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly prober: Prober;
  /** Another program's list of devices; none where absent. */
  readonly known?: KnownDevices | undefined;
  readonly searches: Searches;
  readonly desk: Pick<SightingDesk, "note">;
  /** Cameras that are known and may have one MAC address more. */
  readonly second: Pick<SecondMacs, "proposals" | "addressOf" | "seenAt" | "forget">;
  /** Cameras that nothing can prove where they may be. */
  readonly unproved: Pick<Unproved, "proposals" | "noticed" | "look">;
  /** A person says at which address such a camera is. */
  readonly confirm: (device: Device, address: IpAddress, signal: AbortSignal) => Promise<ActionResult>;
  readonly drop: ReplacingPorts["drop"];
  readonly clock: Clock;
  readonly status: Status;
  readonly enqueue: () => void;
  /** The device has a MAC address now: it is to be looked at. */
  readonly onAdopted: (device: DeviceId) => void;
}

export type AdoptOutcome =
  | { readonly kind: "adopted"; /** Where it was seen; absent where it is searched for now. */ readonly address?: IpAddress }
  /** It is that camera's already. */
  | { readonly kind: "known" }
  /** The MAC address is another configured camera's. */
  | { readonly kind: "taken"; readonly by: Device };

/**
 * Finds out which device may be which camera where nothing was learned of a camera and it does not answer where its documents have it. Proposes;
 * a person confirms. Sends no credential.
 */
export class Adoptions implements Reconciler<string> {
  readonly name = "adoption";
  readonly #ports: AdoptionsPorts;
  /** Cameras that could not be learned where they should be, and when that showed (monotonic). */
  readonly #absent = new Map<DeviceId, Instant>();
  #found: readonly FoundDevice[] | undefined;
  /** What was asked of the found: another camera's port or path was not. */
  #askedFor = "";
  #adoptions: readonly Adoption[] = [];
  /** Since when cameras are awaited that may yet be learned where they should be: monotonic. */
  #awaitedSince: Duration | undefined;

  constructor(ports: AdoptionsPorts) {
    this.#ports = ports;
  }

  /** Nothing could be learned of the device at its configured address. */
  absent(id: DeviceId): void {
    this.#ports.unproved.noticed(id);
    if (!this.#absent.has(id)) this.#absent.set(id, instant(this.#ports.clock.monotonic()));
    this.#ports.enqueue();
  }

  /** A device was learned or proved: those that nothing is known of may have waited for it. */
  settled(): void {
    if (this.#absent.size > 0 || this.#awaitedSince !== undefined) this.#ports.enqueue();
  }

  /** What was found out last, by camera. */
  get adoptions(): readonly Adoption[] {
    const { second, unproved } = this.#ports;
    const proposed = new Set(unproved.proposals.map(({ camera }) => camera));
    const own = this.#adoptions.filter(({ kind, camera }) => kind !== "none" || !proposed.has(camera));
    return [...own, ...second.proposals, ...unproved.proposals];
  }

  async reconcile(_home: string, signal: AbortSignal): Promise<Outcome> {
    const { requeueAfter: own = LOOK_AGAIN } = await this.#match(signal);
    // Asking those takes seconds, in which what is matched would not be proposed: it begins once the others were learned, or do not come to an end.
    if (this.#isAwaiting()) return { requeueAfter: AWAITED_AGAIN };
    const other = await this.#ports.unproved.look(signal);
    return this.#absent.size === 0 && other === undefined ? {} : { requeueAfter: milliseconds(Math.min(own, other ?? LOOK_AGAIN)) };
  }

  #isAwaiting(): boolean {
    return this.#awaitedSince !== undefined && this.#ports.clock.monotonic() - this.#awaitedSince < AWAITED_WITHIN;
  }

  async #match(signal: AbortSignal): Promise<Outcome> {
    const { fleet, searches } = this.#ports;
    const unlearned = fleet.devices.filter((device) => !this.#isKnown(device) && device.battery !== true);
    for (const id of this.#absent.keys()) if (!unlearned.some((device) => device.id === id)) this.#absent.delete(id);
    // Those that answer where they should be are learned first: what is theirs is offered to nobody.
    const awaited = unlearned.some((device) => device.addresses.length > 0 && !this.#absent.has(device.id));
    const wanted = unlearned.filter((device) => this.#absent.has(device.id));
    this.#awaitedSince = awaited ? (this.#awaitedSince ?? this.#ports.clock.monotonic()) : undefined;
    if (awaited) return {};
    if (wanted.length === 0 || !searches.enabled) {
      this.#show([]);
      return {};
    }
    const cameras = wanted.map(unlearnedOf);
    const pause = await this.#look(cameras, wanted, signal);
    this.#show(this.#found === undefined ? [] : matchAdoptions(cameras, this.#found, this.#claims(wanted)));
    return { requeueAfter: pause ?? LOOK_AGAIN };
  }

  /** The camera is the device with that MAC address: a person says so. What it said of itself so far is learned with it. */
  adopt(device: Device, mac: MacAddress): AdoptOutcome {
    const { fleet, registry, clock, desk, onAdopted } = this.#ports;
    const other = this.#holderOf(mac, device);
    if (other !== undefined) return { kind: "taken", by: other };
    if (fleet.macsOf(device).includes(mac)) return { kind: "known" };
    const seen = this.#found?.find((one) => one.mac === mac);
    const address = seen?.address ?? this.#ports.second.addressOf(device.id, mac);
    const record = recordOf(registry, device);
    // What was said before and never proved was a mistake: the new word stands alone.
    const identity: Identity = record.verifiedAt === undefined ? { macs: [] } : record.identity;
    const endpoint = identity.endpoint ?? seen?.endpoint;
    const macs = [...identity.macs, mac];
    registry.saveDevice({
      ...record,
      owners: device.owners,
      identity: { ...identity, macs, ...(endpoint === undefined ? {} : { endpoint }) },
    });
    if (address !== undefined) desk.note({ layer: "poke", mac, address, at: clock.now() });
    this.#ports.second.forget(device.id);
    onAdopted(device.id);
    this.#ports.enqueue();
    return { kind: "adopted", ...(address === undefined ? {} : { address }) };
  }

  /** The verb `adopt`. What it begins goes on by itself: the camera is proved with one login, and healed. */
  async perform(action: Extract<Action, { readonly verb: "adopt" }>, signal: AbortSignal): Promise<ActionResult> {
    const { camera } = action;
    const { fleet } = this.#ports;
    const found = devicesCalled(camera, fleet.devices);
    const [device, ...others] = found;
    if (device === undefined || others.length > 0) {
      const choice =
        found.length > 1
          ? `more than one camera is called ${camera}: use the id`
          : `no camera is called ${camera}; there is ${fleet.devices
              .slice(0, 20)
              .map(({ id }) => id)
              .join(", ")}`;
      return refused("CameraUnknown", choice);
    }
    if ("address" in action) return this.#ports.confirm(device, action.address, signal);
    const { mac } = action;
    if (action.replace === true) return this.#replace(device, mac, signal);
    const differs = await this.#saysItIsAnother(device, mac, signal);
    if (differs !== undefined) return differs;
    const outcome = this.adopt(device, mac);
    if (outcome.kind === "taken") return taken(mac, outcome.by);
    if (outcome.kind === "known") return { kind: "accepted", message: `${device.title} is known by ${mac} already` };
    return { kind: "accepted", message: `${device.title} is ${mac} from now on; ${seenWords(outcome.address)}` };
  }

  async #replace(device: Device, mac: MacAddress, signal: AbortSignal): Promise<ActionResult> {
    const { fleet, desk, clock, onAdopted, enqueue } = this.#ports;
    const before = fleet.macsOf(device).filter((one) => one !== mac);
    const address = this.#found?.find((one) => one.mac === mac)?.address ?? (await this.#whereItAnswers(device, mac, signal));
    // Last, for the old one may have been found meanwhile.
    const refused = await mayReplace(this.#ports, device, mac, signal);
    if (refused !== undefined) return refused;
    const other = this.#holderOf(mac, device);
    if (other !== undefined) return taken(mac, other);
    replaceBy(this.#ports, device, mac);
    if (address !== undefined) desk.note({ layer: "poke", mac, address, at: clock.now() });
    onAdopted(device.id);
    enqueue();
    const was = before.length === 0 ? "what was learned before" : `what was learned of ${before.join(" and ")}`;
    return { kind: "accepted", message: `${device.title} is ${mac} from now on, and ${was} is dropped; ${seenWords(address)}` };
  }

  /** @returns how long to wait for the next look where none is allowed yet */
  async #look(cameras: readonly Unlearned[], wanted: readonly Device[], signal: AbortSignal) {
    const { prober, searches } = this.#ports;
    const devices = new FoundDevices(prober, cameras, await this.#elsewhere(signal));
    const since = instant(Math.max(...wanted.map(({ id }) => this.#absent.get(id) ?? 0)));
    const near = wanted.flatMap((device) => device.addresses);
    const pause = await searches.census(near, since, ({ mac, address }) => devices.add({ mac, address }, signal), signal);
    const asked = cameras.map(({ streamPort, streamPath }) => `${String(streamPort)} ${streamPath}`).toSorted();
    if (pause === undefined) {
      this.#found = await devices.all();
      this.#askedFor = asked.join("\n");
    } else if (asked.some((one) => !this.#askedFor.split("\n").includes(one))) this.#found = undefined;
    return pause;
  }

  async #elsewhere(signal: AbortSignal): Promise<ReadonlyMap<MacAddress, KnownDevice>> {
    const { known, clock } = this.#ports;
    try {
      return (await known?.list(clock.deadline("devices known elsewhere", ELSEWHERE, signal))) ?? new Map<MacAddress, KnownDevice>();
    } catch {
      signal.throwIfAborted();
      return new Map();
    }
  }

  #holderOf(mac: MacAddress, besides: Device): Device | undefined {
    const { fleet } = this.#ports;
    return fleet.devices.find((one) => one.id !== besides.id && fleet.macsOf(one).includes(mac));
  }

  /** Of those where it was seen lately while the camera was looked for, and where the camera should be. */
  async #whereItAnswers(device: Device, mac: MacAddress, signal: AbortSignal): Promise<IpAddress | undefined> {
    const { fleet, second, prober } = this.#ports;
    const seen = [...second.seenAt(device.id, mac), fleet.addressOf(device)];
    return whereItAnswers(prober, mac, [...new Set(seen.filter((address) => address !== undefined))], signal);
  }

  /** One more MAC address of a camera that was proved is asked what it says of itself, where it can be seen and was not asked yet. */
  async #saysItIsAnother(device: Device, mac: MacAddress, signal: AbortSignal): Promise<ActionResult | undefined> {
    const { registry, second } = this.#ports;
    const isAsked = second.addressOf(device.id, mac) !== undefined || this.#holderOf(mac, device) !== undefined;
    if (isAsked || registry.device(device.id)?.verifiedAt === undefined) return undefined;
    const address = await this.#whereItAnswers(device, mac, signal);
    return address === undefined ? undefined : saysItIsAnother(this.#ports, device, mac, address, signal);
  }

  #isKnown(device: Device): boolean {
    const identity = this.#ports.registry.device(device.id)?.identity;
    if (this.#ports.fleet.settled(device.id) !== undefined) return true;
    return this.#ports.fleet.macsOf(device).length > 0 || identity?.endpoint !== undefined || identity?.uid !== undefined;
  }

  #claims(wanted: readonly Device[]): Claims {
    const { fleet, registry } = this.#ports;
    const learned = fleet.devices.filter((device) => !wanted.includes(device));
    const identities = learned.map((device): Identity => ({ ...registry.device(device.id)?.identity, macs: fleet.macsOf(device) }));
    // Addresses that no watched device has are those of disabled cameras.
    const watched = new Set(fleet.devices.flatMap((device) => device.addresses));
    const written = fleet.documents.flatMap(({ reading }) => reading.occurrences.map(({ address }) => address));
    const held = learned.flatMap((device) => fleet.addressOf(device) ?? []);
    return { identities, addresses: new Set([...held, ...written.filter((address) => !watched.has(address))]) };
  }

  #show(adoptions: readonly Adoption[]): void {
    const { status, fleet } = this.#ports;
    const titleOf = (id: DeviceId): string => fleet.device(id)?.title ?? id;
    const shown = new Set(adoptions.flatMap((one) => (one.kind === "none" ? [] : [one.camera])));
    const wasShown = this.#adoptions.filter(({ kind }) => kind !== "none");
    for (const { camera } of wasShown) if (!shown.has(camera)) status.clear(`adopt/${camera}`);
    this.#adoptions = adoptions;
    for (const adoption of adoptions) {
      if (adoption.kind === "none") continue;
      const reason = adoption.kind === "proposed" ? "AdoptionProposed" : "AdoptionUnclear";
      status.set(`adopt/${adoption.camera}`, "problem", reason, adoptionWords(adoption, titleOf), adoptionAsk(adoption));
    }
  }
}

function taken(mac: MacAddress, by: Device): ActionResult {
  return { kind: "refused", reason: "DuplicateCamera", message: `${mac} is the MAC address of ${by.title}, another configured camera` };
}

function seenWords(address: IpAddress | undefined): string {
  return address === undefined
    ? "that MAC address was not seen on the network yet, and is searched for"
    : `it was seen at ${address} and is proved there`;
}

function unlearnedOf({ id, title, streamPort, streamPath }: Device): Unlearned {
  return { id, title, streamPort, streamPath };
}
