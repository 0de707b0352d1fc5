import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { Adoption } from "../domain/adoption.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { type Duration, milliseconds, minutes, seconds } from "../domain/duration.ts";
import { secondMac } from "../domain/second-mac.ts";
import { makersOf } from "../domain/vendor-id.ts";
import type { Clock } from "../ports/clock.ts";
import type { Prober } from "../ports/prober.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import { adoptionAsk, adoptionWords } from "../domain/adoption-words.ts";
import type { Fleet } from "./fleet.ts";

const NEIGHBOUR = seconds(1);
const SAYS = seconds(3);
/** One address and MAC address is asked again no sooner. */
const PAUSE = minutes(2);
/** So many devices are remembered for a camera, and so many proposals for the home. */
const KEPT = 8;
const PROPOSED = 64;

export interface SecondMacsPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly prober: Prober;
  readonly clock: Clock;
  readonly status: Status;
  readonly enqueue: (id: DeviceId) => void;
}

type Second = Extract<Adoption, { readonly kind: "second" }>;

interface Seen {
  readonly address: IpAddress;
  readonly mac: MacAddress;
  /** Both monotonic; the latter undefined until it was asked. */
  readonly at: Duration;
  readonly asked: Duration | undefined;
}

/**
 * Notices that a missing camera says who it is from an address where an unknown MAC address answers, as one does that went from its cable to Wi-Fi. It is refused
 * there, for its MAC address is no proof; what it says of itself without a password makes it a proposal, which a person confirms. Sends no credential.
 */
export class SecondMacs implements Reconciler<DeviceId> {
  readonly name = "second";
  readonly #ports: SecondMacsPorts;
  readonly #seen = new Map<DeviceId, readonly Seen[]>();
  readonly #proposals = new Map<DeviceId, Second>();

  constructor(ports: SecondMacsPorts) {
    this.#ports = ports;
  }

  /** Cameras that may have a second MAC address. */
  get proposals(): readonly Second[] {
    return [...this.#proposals.values()].filter(({ camera }) => this.#isOpen(camera));
  }

  /** A device with an unknown MAC address answers where the camera was looked for. */
  noticed(id: DeviceId, address: IpAddress, mac: MacAddress): void {
    const before = this.#seen.get(id) ?? [];
    const known = before.find((one) => one.address === address && one.mac === mac);
    if (known?.asked !== undefined && this.#now() - known.asked < PAUSE) return;
    const others = before.filter((one) => one !== known);
    this.#seen.set(id, [...others, { address, mac, at: this.#now(), asked: undefined }].slice(-KEPT));
    this.#ports.enqueue(id);
  }

  /** Where the proposed device was seen. */
  addressOf(id: DeviceId, mac: MacAddress): IpAddress | undefined {
    const proposal = this.#proposals.get(id);
    return proposal?.device.mac === mac ? proposal.device.address : undefined;
  }

  /** Where a device with the MAC address answered lately while the camera was looked for, the latest first. */
  seenAt(id: DeviceId, mac: MacAddress): readonly IpAddress[] {
    return (this.#seen.get(id) ?? []).flatMap((one) => (one.mac === mac ? [one.address] : [])).toReversed();
  }

  forget(id: DeviceId): void {
    this.#seen.delete(id);
    this.#withdraw(id);
  }

  async reconcile(id: DeviceId, signal: AbortSignal): Promise<Outcome> {
    const device = this.#ports.fleet.device(id);
    if (device === undefined) this.forget(id);
    if (device === undefined) return {};
    if (!this.#isOpen(id)) return this.#waitForLoss(id);
    for (const one of this.#seen.get(id) ?? []) if (one.asked === undefined) await this.#ask(device, one, signal);
    return this.#proposals.has(id) ? { requeueAfter: milliseconds(PAUSE / 4) } : {};
  }

  /** The camera is where it was, as far as is known: what was noticed just now may show that it has left. */
  #waitForLoss(id: DeviceId): Outcome {
    this.#withdraw(id);
    const young = (this.#seen.get(id) ?? []).filter(({ at, asked }) => asked === undefined && this.#now() - at < PAUSE);
    if (young.length > 0) this.#seen.set(id, young);
    else this.#seen.delete(id);
    return young.length > 0 ? { requeueAfter: milliseconds(PAUSE / 8) } : {};
  }

  async #ask(device: Device, seen: Seen, signal: AbortSignal): Promise<void> {
    const { fleet, prober, registry } = this.#ports;
    const { address, mac } = seen;
    const asked = { ...seen, asked: this.#now() };
    this.#seen.set(
      device.id,
      (this.#seen.get(device.id) ?? []).map((one) => (one === seen ? asked : one)),
    );
    const identity = fleet.identityOf(device);
    if (identity.endpoint === undefined && identity.uid === undefined) return;
    const [endpoint, vendor, greeting] = await Promise.all([
      identity.endpoint === undefined ? undefined : prober.endpoint(address, device.onvifPorts, SAYS, signal),
      identity.uid === undefined ? undefined : prober.vendor(address, makersOf(identity.uid), SAYS, signal),
      identity.realm === undefined ? undefined : prober.greeting(address, device.streamPort, device.streamPath, SAYS, signal),
    ]);
    // The table is read last: who answers now is who was asked.
    const neighbour = await prober.neighbour(address, [mac], NEIGHBOUR, signal);
    const peers = fleet.devices
      .filter((other) => other.id !== device.id)
      .map((other) => ({ ...registry.device(other.id)?.identity, macs: fleet.macsOf(other) }));
    const owner = { identity, configuredMacs: device.configuredMacs, peers, formerAddresses: [] };
    const judged = secondMac(address, owner, neighbour, { endpoint, uid: vendor?.uid, greeting });
    if (judged.kind === "refused") {
      if (this.addressOf(device.id, mac) === address) this.#withdraw(device.id);
      return;
    }
    if (this.#isOpen(device.id))
      this.#propose(
        device,
        address,
        judged.mac,
        judged.by.map((kind) => SAID[kind]),
      );
  }

  #propose(device: Device, address: IpAddress, mac: MacAddress, evidence: readonly string[]): void {
    const { status, fleet, registry } = this.#ports;
    if (!this.#proposals.has(device.id) && this.#proposals.size >= PROPOSED) return;
    const { endpoint } = fleet.identityOf(device);
    const says = { mac, address, says: [], ...(endpoint === undefined ? {} : { endpoint }) };
    const proposal: Second = { kind: "second", camera: device.id, device: says, evidence };
    this.#proposals.set(device.id, proposal);
    const words = adoptionWords(proposal, (id) => fleet.device(id)?.title ?? id);
    status.set(subjectOf(device.id), "problem", "SecondMacProposed", words, adoptionAsk(proposal));
    if (registry.consents.fact(secondMacFact(device.id)) !== words) registry.consents.saveFact(secondMacFact(device.id), words);
  }

  /** Where the camera is where it should be, or has the MAC address by now, nothing is proposed. */
  #isOpen(id: DeviceId): boolean {
    const { fleet } = this.#ports;
    const device = fleet.device(id);
    const proposed = this.#proposals.get(id)?.device.mac;
    if (device === undefined || fleet.settled(id) !== undefined) return false;
    return proposed === undefined || !fleet.macsOf(device).includes(proposed);
  }

  #withdraw(id: DeviceId): void {
    const { status, registry } = this.#ports;
    if (this.#proposals.delete(id)) status.clear(subjectOf(id));
    if ((registry.consents.fact(secondMacFact(id)) ?? "") !== "") registry.consents.saveFact(secondMacFact(id), "");
  }

  #now(): Duration {
    return this.#ports.clock.monotonic();
  }
}

/** The name of what is remembered of a camera's proposal, in words for `check`; empty where there is none. */
export const secondMacFact = (id: DeviceId): string => `second-mac ${id}`;

const subjectOf = (id: DeviceId): string => `adopt/${id}`;

const SAID = { endpoint: "ONVIF endpoint reference as learned", uid: "maker's number as learned", realm: "RTSP realm as learned" } as const;
