import type { IpAddress } from "../domain/addresses.ts";
import { contradictsPath } from "../domain/adoption.ts";
import type { Device, DeviceId, Identity } from "../domain/camera.ts";
import { seconds } from "../domain/duration.ts";
import { type Enrolment, type EnrolmentReadings, learn } from "../domain/enrolment.ts";
import type { Tell } from "../domain/notice.ts";
import type { OthersReading } from "../domain/readings.ts";
import { makersOf } from "../domain/vendor-id.ts";
import type { Clock } from "../ports/clock.ts";
import type { Prober } from "../ports/prober.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { ConfirmedAddresses } from "./confirmed-addresses.ts";
import type { Fleet } from "./fleet.ts";
import type { Looking } from "./looking.ts";
import type { StreamWatch } from "./stream-watch.ts";
import { recordOf } from "./switching.ts";

export interface EnrollingPorts {
  readonly fleet: Pick<Fleet, "identityOf" | "toldOf">;
  readonly prober: Prober;
  readonly registry: Registry;
  readonly looking: Looking;
  readonly confirmed: Pick<ConfirmedAddresses, "at">;
  readonly streams: StreamWatch;
  readonly clock: Clock;
  readonly status: Status;
  readonly tell: Tell;
}

/** Learns who answers at the address that a document gives a device: MAC, ONVIF endpoint reference, RTSP realm. Sends no credential. */
export class Enrolling {
  readonly #ports: EnrollingPorts;
  readonly #completed = new Set<DeviceId>();

  constructor(ports: EnrollingPorts) {
    this.#ports = ports;
  }

  /**
   * Learns a device of which nothing is known.
   * @returns whether it was learned; else a condition says why not
   */
  async begin(device: Device, address: IpAddress, signal: AbortSignal): Promise<boolean> {
    const { status, streams } = this.#ports;
    const frames = await (await streams.sampleFlow(device, signal))();
    const flow = frames.some((frame) => frame.address === address);
    const learned = await this.#enrol(device, this.#ports.fleet.identityOf(device), address, flow, signal, true);
    const subject = `device/${device.id}`;
    if (learned.kind === "learned") {
      status.set(subject, "ok", "Learned", `${device.title} is at ${address}`);
      return true;
    }
    const refused = learned.kind === "refused" ? learned : { reason: "NotLearnedYet" as const, detail: "its MAC address is unclear" };
    // Nothing was learned here that could be forgotten.
    const isTold = refused.reason === "IdentityDiffers" && this.#ports.fleet.toldOf(device) !== undefined;
    const { reason, detail } = isTold
      ? { reason: "ToldIdentityDiffers" as const, detail: `${refused.detail}, by another copy of the program` }
      : refused;
    const shown = reason === "NobodyThere" || reason === "PortClosed" ? "NotLearnedYet" : reason;
    status.set(subject, "problem", shown, `${device.title} could not be learned at ${address}: ${detail}`);
    return false;
  }

  /** The device is another one from now on: all of it is to be learned. */
  forget(id: DeviceId): void {
    this.#completed.delete(id);
  }

  /** Learns what is still missing of a device that was just proved at the address; tried once a run, its MAC address as soon as it shows. */
  async complete(device: Device, address: IpAddress, signal: AbortSignal): Promise<void> {
    const { identity } = recordOf(this.#ports.registry, device);
    const done = this.#completed.has(device.id) || (identity.endpoint !== undefined && identity.realm !== undefined);
    if (done && !(await this.#showsItsMac(device, identity, address, signal))) return;
    this.#completed.add(device.id);
    await this.#enrol(device, identity, address, false, signal);
  }

  /** Of a device that was learned before the machine's own network was up no MAC address was seen. */
  async #showsItsMac(device: Device, identity: Identity, address: IpAddress, signal: AbortSignal): Promise<boolean> {
    if (identity.macs.length > 0 || device.configuredMacs.length > 0) return false;
    const seen = await this.#ports.prober.neighbour(address, [], seconds(1), signal);
    return seen.found === "mac" && !seen.gateway;
  }

  #remember(device: Device, address: IpAddress, identity: Identity): void {
    const { registry, clock, tell } = this.#ports;
    this.#completed.add(device.id);
    const record = recordOf(registry, device);
    const now = clock.now();
    const switches = record.switches.length === 0 ? [{ to: address, at: now }] : record.switches;
    // It may have told of MAC addresses while it was looked at.
    const toldMacs = identity.toldMacs ?? record.identity.toldMacs;
    const onvifPort = record.identity.onvifPort;
    const kept = { ...identity, ...(toldMacs === undefined ? {} : { toldMacs }), ...(onvifPort === undefined ? {} : { onvifPort }) };
    registry.saveDevice({ ...record, owners: device.owners, identity: kept, address, verifiedAt: now, switches });
    const { macs, endpoint, realm } = identity;
    const named = { ...(endpoint === undefined ? {} : { endpoint }), ...(realm === undefined ? {} : { realm }) };
    tell({ kind: "learned", device: device.id, address, macs, ...named });
  }

  /** By which it is known; a person may say so while it is looked at. */
  #macsOf({ id }: Device): string | undefined {
    return this.#ports.registry.device(id)?.identity.macs.join();
  }

  async #enrol(
    device: Device,
    identity: Identity,
    address: IpAddress,
    framesFlow: boolean,
    signal: AbortSignal,
    isFirst = false,
  ): Promise<Enrolment> {
    const { prober, looking } = this.#ports;
    const { configuredMacs } = device;
    // Judged and remembered in one go: of two cameras behind one MAC address, learned at the same time, the second must see the first.
    const before = this.#macsOf(device);
    const judge = (readings: EnrolmentReadings): Enrolment => {
      if (this.#macsOf(device) !== before)
        return { kind: "refused", reason: "NotLearnedYet", detail: "a person said meanwhile which device it is", foreign: false };
      const owner = { identity, configuredMacs, peers: looking.peersOf(device), formerAddresses: looking.formerOf(device) };
      const learned = learn(owner, readings);
      if (learned.kind === "learned" && learned.news) this.#remember(device, address, learned.identity);
      return learned;
    };
    const enough = new AbortController();
    const either = AbortSignal.any([signal, enough.signal]);
    const asked = Promise.all([
      prober.connect(address, device.streamPort, seconds(2), either),
      prober.endpoint(address, device.onvifPorts, seconds(3), either),
      prober.greeting(address, device.streamPort, device.streamPath, seconds(3), either),
      prober.vendor(address, makersOf(identity.uid), seconds(2), either),
    ]);
    asked.catch(() => undefined);
    const neighbour = await prober.neighbour(address, [...identity.macs, ...configuredMacs], seconds(2), signal);
    // Where nobody is, nobody will answer: the answers are not waited for.
    if (neighbour.found === "nobody") {
      enough.abort();
      return { kind: "refused", reason: "NobodyThere", detail: "nobody answers ARP at the address", foreign: false };
    }
    const told = isFirst ? (identity.toldMacs ?? []) : [];
    if (told.length > 0 && neighbour.found === "mac" && !neighbour.gateway && !told.includes(neighbour.mac)) {
      enough.abort();
      const detail = `${neighbour.mac} answers, and another copy of the program knows it by ${told.join(", ")}`;
      return { kind: "refused", reason: "ToldIdentityDiffers", detail, foreign: true };
    }
    const [connect, endpoint, greeting, vendor] = await asked;
    // Of what nothing is known but its address another camera that took the address is told by its make alone.
    const differs = isFirst && !framesFlow ? contradictsPath(device.streamPath, greeting) : undefined;
    if (differs !== undefined) return { kind: "refused", reason: "NotLearnedYet", detail: differs, foreign: true };
    const isConfirmed = this.#ports.confirmed.at(device.id, address) !== undefined;
    const seen = { address, neighbour, connect, endpoint, greeting, vendor, framesFlow, isConfirmed };
    const first = judge(seen);
    if (first.kind !== "ask-others") return first;
    const readings = await Promise.all(first.ask.map((other) => prober.neighbour(other, [first.mac], seconds(1), signal)));
    const addresses = first.ask.filter((_other, index) => {
      const reading = readings[index];
      return reading?.found === "mac" && reading.mac === first.mac;
    });
    const others: OthersReading = { mac: first.mac, addresses };
    return judge({ ...seen, others });
  }
}
