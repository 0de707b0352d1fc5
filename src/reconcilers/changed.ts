import type { IpAddress } from "../domain/addresses.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { type Duration, hours, seconds } from "../domain/duration.ts";
import { loginUrlAt } from "../domain/login-url.ts";
import { sameEndpoint } from "../domain/realm.ts";
import type { ReasonCode } from "../domain/reasons.ts";
import type { CameraDetails, StreamUriReading } from "../ports/camera-details.ts";
import type { Clock } from "../ports/clock.ts";
import type { EndpointProber } from "../ports/prober.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Outcome } from "../runtime/outcome.ts";
import type { Reconciler } from "../runtime/reconciler.ts";
import type { Fleet } from "./fleet.ts";
import type { Logins } from "./logins.ts";
import type { Looking } from "./looking.ts";
import type { Searches } from "./searches.ts";
import type { StreamWatch } from "./stream-watch.ts";

/** While a stream is dead; whether a login may be spent then is the guard's to say. */
const AGAIN = seconds(30);
const ENDPOINT = seconds(3);
const PATHS = seconds(5);
/** ONVIF may have a user of its own, whom the stream's password would lock out: it is asked once an hour, and never again where it refused. */
const PATHS_AGAIN = hours(1);

export interface ChangedPorts {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly looking: Looking;
  readonly searches: Searches;
  readonly streams: StreamWatch;
  readonly logins: Logins;
  readonly prober: EndpointProber;
  readonly details: Pick<CameraDetails, "streamPaths">;
  readonly status: Status;
  readonly clock: Pick<Clock, "monotonic">;
}

/** What a camera said of its paths, and to which login URL. */
interface SaidPaths {
  readonly loginUrl: string;
  readonly at: Duration;
  readonly said: StreamUriReading;
}

/**
 * Finds out why a camera delivers no video although it is where it was: its password or its stream path may have been changed there. One careful login
 * within the guard's budget tells; what is to be edited, and where, becomes a condition. Nothing is written.
 */
export class Changed implements Reconciler<DeviceId> {
  readonly name = "changed";
  readonly #ports: ChangedPorts;
  readonly #paths = new Map<DeviceId, SaidPaths>();

  constructor(ports: ChangedPorts) {
    this.#ports = ports;
  }

  async reconcile(id: DeviceId, signal: AbortSignal): Promise<Outcome> {
    const { fleet, streams, searches, logins, looking, status } = this.#ports;
    const device = fleet.device(id);
    const settled = fleet.settled(id);
    if (device === undefined) this.#paths.delete(id);
    if (device === undefined || device.battery === true) return {};
    const flow = streams.flowOf(device);
    if (flow === "live") return this.#right(device);
    // Each repair of a dead stream makes it unknown for a while, and so does the viewer that leaves.
    if (flow === "unknown" && status.get(subjectOf(device))?.status !== "problem") return {};
    if (settled === undefined || searches.isMissing(id)) return { requeueAfter: AGAIN };
    const { address } = settled;
    if (logins.wasRefused(device, address)) this.#show(device, "LoginRefused", `refuses the password at ${address}`);
    else if (logins.mayRepeat(device, address)) {
      const { reason, login } = await looking.tryLogin(device, address, signal);
      if (reason === "LoginRefused") this.#show(device, reason, `refuses the password at ${address}`);
      else if (reason === "StreamPathMissing") this.#show(device, reason, await this.#pathWords(device, address, signal));
      else if (login === "accepted") this.#right(device);
    }
    return { requeueAfter: AGAIN };
  }

  /** Video flows, or password and path were just accepted: what was said before is over. */
  #right(device: Device): Outcome {
    const { status, registry } = this.#ports;
    const subject = subjectOf(device);
    if (status.get(subject)?.status === "problem") status.set(subject, "ok", "Healthy", `${device.title} takes password and path again`);
    const record = registry.device(device.id);
    if (record?.refusedLogin !== undefined) {
      const { refusedLogin: _over, ...kept } = record;
      registry.saveDevice(kept);
    }
    return {};
  }

  #show(device: Device, reason: ReasonCode, words: string): void {
    const message = `${device.title} has not moved, but ${words}; edit ${this.#placeOf(device)}`;
    this.#ports.status.set(subjectOf(device), "problem", reason, message);
  }

  /** Where the device's stream stands in a document. */
  #placeOf(device: Device): string {
    const places = this.#ports.fleet.documents.flatMap(({ target, reading }) =>
      reading.occurrences
        .filter(({ kind, owners }) => (kind === "stream" || kind === "input") && owners.some((owner) => device.owners.includes(owner)))
        .map(({ path }) => `${target.place}: ${path.join(".")}`),
    );
    return places[0] ?? "the document";
  }

  async #pathWords(device: Device, address: IpAddress, signal: AbortSignal): Promise<string> {
    const words = `does not know the stream path at ${address}`;
    const learned = this.#ports.registry.device(device.id)?.identity.endpoint;
    const loginUrl = device.loginUrl === undefined ? undefined : loginUrlAt(device.loginUrl, device.addresses, address);
    if (learned === undefined || loginUrl === undefined) return words;
    const said = this.#saidBefore(device.id, loginUrl) ?? (await this.#askPaths(device, address, learned, loginUrl, signal));
    if (said === undefined) return words;
    if (said.kind !== "paths" || said.paths.includes(device.streamPath)) return words;
    const shown = said.paths.map((path) => (/pass|pwd|token|auth/i.test(path) ? "one with a password in it" : path));
    return `${words}; by ONVIF it names ${shown.join(", ")}`;
  }

  #saidBefore(id: DeviceId, loginUrl: string): StreamUriReading | undefined {
    const known = this.#paths.get(id);
    if (known?.loginUrl !== loginUrl) return undefined;
    return known.said.kind === "refused" || this.#ports.clock.monotonic() - known.at < PATHS_AGAIN ? known.said : undefined;
  }

  /** Asks with the password, once the endpoint is the learned one. */
  async #askPaths(
    device: Device,
    address: IpAddress,
    learned: string,
    loginUrl: string,
    signal: AbortSignal,
  ): Promise<StreamUriReading | undefined> {
    const { prober, details, clock } = this.#ports;
    const endpoint = await prober.endpoint(address, device.onvifPorts, ENDPOINT, signal);
    if (endpoint === undefined || !sameEndpoint(endpoint, learned)) return undefined;
    const said = await details.streamPaths(address, device.onvifPorts, loginUrl, PATHS, signal);
    this.#paths.set(device.id, { loginUrl, at: clock.monotonic(), said });
    return said;
  }
}

function subjectOf(device: Device): string {
  return `device/${device.id}/stream`;
}
