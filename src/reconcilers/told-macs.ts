import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { minutes, seconds } from "../domain/duration.ts";
import { loginUrlAt } from "../domain/login-url.ts";
import { sameEndpoint } from "../domain/realm.ts";
import type { CameraDetails } from "../ports/camera-details.ts";
import type { EndpointProber } from "../ports/prober.ts";
import type { Registry } from "../ports/registry.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";
import type { Logins } from "./logins.ts";
import type { Looking } from "./looking.ts";
import type { Searches } from "./searches.ts";

/** How often it is looked whether a camera is to be asked: that alone asks nobody. */
const AGAIN = minutes(5);
const ENDPOINT = seconds(3);
const INTERFACES = seconds(5);
/** Questions without an answer at one address. */
const MOST_SILENCES = 3;

export interface ToldMacsPorts {
  readonly fleet: Pick<Fleet, "device" | "settled" | "macsOf" | "identityOf">;
  readonly registry: Pick<Registry, "device" | "saveDevice">;
  readonly looking: Pick<Looking, "peersOf">;
  readonly searches: Pick<Searches, "isMissing">;
  readonly logins: Pick<Logins, "mayAsk" | "noteAsked">;
  readonly prober: EndpointProber;
  readonly details: Pick<CameraDetails, "hardwareAddresses">;
}

/**
 * Asks a camera that no layer 2 shows (behind a router, from a pod) for its MAC addresses, so that what DHCP tells of it elsewhere helps to find it. Only
 * where it was proved and says the endpoint reference that was learned; once, and once more at each new address. What it tells proves nothing.
 */
export class ToldMacs implements Reconciler<DeviceId> {
  readonly name = "told";
  readonly #ports: ToldMacsPorts;
  /** Where each was asked with an answer, or needs not be; undefined after a refusal, which the guard remembers. */
  readonly #asked = new Map<DeviceId, IpAddress | undefined>();
  readonly #silences = new Map<string, number>();

  constructor(ports: ToldMacsPorts) {
    this.#ports = ports;
  }

  async reconcile(id: DeviceId, signal: AbortSignal): Promise<Outcome> {
    const { fleet, logins } = this.#ports;
    const device = fleet.device(id);
    if (device === undefined || device.battery === true || fleet.macsOf(device).length > 0) {
      this.#asked.delete(id);
      return {};
    }
    const address = this.#provedAt(id);
    if (address === undefined) return { requeueAfter: AGAIN };
    // An empty list stands for "asked, and told none": so a restart asks nothing again.
    if (!this.#asked.has(id) && fleet.identityOf(device).toldMacs !== undefined) this.#asked.set(id, address);
    if (this.#asked.get(id) !== address && logins.mayAsk(device, address)) await this.#ask(device, address, signal);
    return { requeueAfter: AGAIN };
  }

  /** Where it was proved in this run, and is not missed. */
  #provedAt(id: DeviceId): IpAddress | undefined {
    const { fleet, searches } = this.#ports;
    return searches.isMissing(id) ? undefined : fleet.settled(id)?.address;
  }

  async #ask(device: Device, address: IpAddress, signal: AbortSignal): Promise<void> {
    const { fleet, looking, prober, details, logins } = this.#ports;
    const { endpoint, shared = [] } = fleet.identityOf(device);
    const loginUrl = device.loginUrl === undefined ? undefined : loginUrlAt(device.loginUrl, device.addresses, address);
    if (endpoint === undefined || loginUrl === undefined || shared.includes("endpoint")) return;
    if (looking.peersOf(device).some((peer) => peer.endpoint !== undefined && sameEndpoint(peer.endpoint, endpoint))) return;
    const said = await prober.endpoint(address, device.onvifPorts, ENDPOINT, signal);
    if (said === undefined || !sameEndpoint(said, endpoint) || this.#provedAt(device.id) !== address) return;
    const answer = await details.hardwareAddresses(address, device.onvifPorts, loginUrl, INTERFACES, signal);
    if (answer.kind === "no-answer") {
      logins.noteAsked(device, address, "failed");
      const key = `${device.id} ${address}`;
      const silences = (this.#silences.get(key) ?? 0) + 1;
      this.#silences.delete(key);
      if (silences < MOST_SILENCES) this.#silences.set(key, silences);
      else this.#asked.set(device.id, address);
      return;
    }
    if (answer.kind === "refused") logins.noteAsked(device, address, "refused");
    this.#asked.set(device.id, answer.kind === "refused" ? undefined : address);
    this.#remember(device, address, answer.kind === "macs" ? answer.macs : []);
  }

  #remember(device: Device, address: IpAddress, macs: readonly MacAddress[]): void {
    const { registry } = this.#ports;
    const record = registry.device(device.id);
    if (record === undefined || this.#provedAt(device.id) !== address) return;
    const before = record.identity.toldMacs ?? [];
    const toldMacs = [...new Set([...macs, ...before])].filter((mac) => !record.identity.macs.includes(mac)).slice(0, MOST_KEPT);
    registry.saveDevice({ ...record, identity: { ...record.identity, toldMacs } });
  }
}

const MOST_KEPT = 4;
