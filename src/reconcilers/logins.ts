import type { IpAddress } from "../domain/addresses.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { between, hours } from "../domain/duration.ts";
import { loginUrlAt } from "../domain/login-url.ts";
import { type GuardLimits, type LoginAttempt, loginOutcome, type LoginState, mayLogin, noteLogin } from "../domain/policy.ts";
import type { LoginReading } from "../domain/readings.ts";
import type { LoginPermission } from "../domain/verification.ts";
import type { Clock } from "../ports/clock.ts";
import type { Registry } from "../ports/registry.ts";
import { recordOf } from "./switching.ts";

/** Stands for every address in what is compared (RFC 5737: never a host's). */
const ANYWHERE = "192.0.2.1" as IpAddress;

export interface LoginsPorts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly guards: GuardLimits;
  /** A short digest of a text that does not show it: tells whether a URL with its password changed. */
  readonly digest: (text: string) => string;
}

/** The name of what is remembered of a camera's last login that was not accepted, over restarts; empty where one was accepted since. */
export const failedLoginFact = (id: DeviceId): string => `failed-login ${id}`;

/** Which logins were tried at which camera, so that none is locked out by us. A refused one is remembered over restarts. */
export class Logins {
  readonly #ports: LoginsPorts;
  readonly #attempts = new Map<DeviceId, LoginState>();
  readonly #questions = new Map<DeviceId, LoginState>();

  constructor(ports: LoginsPorts) {
    this.#ports = ports;
  }

  /** Whether a login may be spent on the address. @param framesFlow video of the device arrives from there just now */
  permission(device: Device, address: IpAddress, framesFlow: boolean): LoginPermission {
    const { registry, clock, guards } = this.#ports;
    if (registry.device(device.id)?.address === address && !this.wasRefused(device, address)) return "accepted-before";
    return mayLogin(this.#stateOf(device), { urlDigest: this.#digestOf(device), address, framesFlow }, clock.now(), guards).permission;
  }

  /** Whether a login may be spent where one was accepted before: no video comes, and password or path may have been changed there. Once an hour then. */
  mayRepeat(device: Device, address: IpAddress): boolean {
    const { clock, guards } = this.#ports;
    const now = clock.now();
    const state = this.#stateOf(device).filter(({ outcome, at }) => outcome !== "accepted" || between(at, now) < hours(1));
    return mayLogin(state, { urlDigest: this.#digestOf(device), address, framesFlow: false }, now, guards).ok;
  }

  /** Whether the latest login at the address, with this very URL, was accepted in this run. */
  wasAccepted(device: Device, address: IpAddress): boolean {
    const urlDigest = this.#digestOf(device);
    const own = this.#stateOf(device).filter((attempt) => attempt.address === address && attempt.urlDigest === urlDigest);
    return own.at(-1)?.outcome === "accepted";
  }

  /** Whether the guards allow a login there that only a person asked for: no failed or refused one is to be repeated for it. */
  mayTry(device: Device, address: IpAddress): boolean {
    const { clock, guards } = this.#ports;
    const state = this.#stateOf(device).filter(({ outcome }) => outcome !== "accepted");
    return mayLogin(state, { urlDigest: this.#digestOf(device), address, framesFlow: false }, clock.now(), guards).ok;
  }

  /** The device is another one from now on: what this run tried there says nothing of it. What is remembered over restarts goes with its record. */
  forget(id: DeviceId): void {
    this.#attempts.delete(id);
    this.#questions.delete(id);
  }

  /** Records what came of a login. */
  note(device: Device, address: IpAddress, reading: LoginReading): void {
    const { registry, clock } = this.#ports;
    const urlDigest = this.#digestOf(device);
    if (urlDigest === undefined || reading === "basic-only") return;
    const outcome = loginOutcome(reading);
    const attempt: LoginAttempt = { urlDigest, address, at: clock.now(), outcome };
    this.#attempts.set(device.id, noteLogin(this.#stateOf(device), attempt));
    const { consents } = registry;
    if (outcome !== "accepted") consents.saveFact(failedLoginFact(device.id), JSON.stringify(attempt));
    else if ((consents.fact(failedLoginFact(device.id)) ?? "") !== "") consents.saveFact(failedLoginFact(device.id), "");
    if (outcome === "refused") registry.saveDevice({ ...recordOf(registry, device), refusedLogin: { urlDigest, address, at: attempt.at } });
  }

  /**
   * Whether the camera's other service (ONVIF) may be asked with the password: not where it, or the stream, refused it, nor soon after a failure of
   * either. Its users may be others than the stream's, so that what it answers says nothing of the stream.
   */
  mayAsk(device: Device, address: IpAddress): boolean {
    const { clock, guards } = this.#ports;
    const question = { urlDigest: this.#digestOf(device), address, framesFlow: false };
    const states = [this.#stateOf(device).filter(({ outcome }) => outcome !== "accepted"), this.#questions.get(device.id) ?? []];
    return states.every((state) => mayLogin(state, question, clock.now(), guards).ok);
  }

  /** Records what came of such a question. */
  noteAsked(device: Device, address: IpAddress, outcome: Exclude<LoginAttempt["outcome"], "accepted">): void {
    const urlDigest = this.#digestOf(device);
    if (urlDigest === undefined) return;
    const attempt: LoginAttempt = { urlDigest, address, at: this.#ports.clock.now(), outcome };
    this.#questions.set(device.id, noteLogin(this.#questions.get(device.id) ?? [], attempt));
  }

  /** Whether the camera there answered 401 to this very URL. */
  wasRefused(device: Device, address: IpAddress): boolean {
    const refused = this.#ports.registry.device(device.id)?.refusedLogin;
    return refused !== undefined && refused.address === address && refused.urlDigest === this.#digestOf(device);
  }

  #stateOf(device: Device): LoginState {
    const known = this.#withFailed(device.id, this.#attempts.get(device.id) ?? []);
    const refused = this.#ports.registry.device(device.id)?.refusedLogin;
    if (refused === undefined || known.some((attempt) => attempt.at >= refused.at)) return known;
    return noteLogin(known, { ...refused, outcome: "refused" });
  }

  /** Another process may have tried one: a rehearsal, or the run before. */
  #withFailed(id: DeviceId, known: LoginState): LoginState {
    const fact = this.#ports.registry.consents.fact(failedLoginFact(id));
    if (fact === undefined || fact === "") return known;
    const failed = JSON.parse(fact) as LoginAttempt;
    return known.some(({ at }) => at >= failed.at) ? known : noteLogin(known, failed);
  }

  /** Of the URL without its host: one password is one password wherever the camera is. */
  #digestOf(device: Device): string | undefined {
    const url = device.loginUrl === undefined ? undefined : loginUrlAt(device.loginUrl, device.addresses, ANYWHERE);
    return url === undefined ? undefined : this.#ports.digest(url);
  }
}
