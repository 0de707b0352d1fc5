import type { IpAddress } from "../domain/addresses.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { loginUrlAt } from "../domain/login-url.ts";
import { type LoginAttempt, loginOutcome, type LoginState, mayLogin, noteLogin } from "../domain/policy.ts";
import type { LoginReading } from "../domain/readings.ts";
import type { LoginPermission } from "../domain/verification.ts";
import type { Clock } from "../ports/clock.ts";
import type { Registry } from "../ports/registry.ts";

export interface LoginsPorts {
  readonly registry: Registry;
  readonly clock: Clock;
  /** A short digest of a text that does not show it: tells whether a URL with its password changed. */
  readonly digest: (text: string) => string;
}

/** Which logins were tried at which camera, so that none is locked out by us. A refused one is remembered over restarts. */
export class Logins {
  readonly #ports: LoginsPorts;
  readonly #attempts = new Map<DeviceId, LoginState>();

  constructor(ports: LoginsPorts) {
    this.#ports = ports;
  }

  /** Whether a login may be spent on the address. @param framesFlow video of the device arrives from there just now */
  permission(device: Device, address: IpAddress, framesFlow: boolean): LoginPermission {
    const { registry, clock } = this.#ports;
    if (registry.device(device.id)?.address === address && !this.#wasRefused(device, address)) return "accepted-before";
    return mayLogin(this.#stateOf(device), { urlDigest: this.#digestOf(device, address), address, framesFlow }, clock.now()).permission;
  }

  /** Records what came of a login. */
  note(device: Device, address: IpAddress, reading: LoginReading): void {
    const { registry, clock } = this.#ports;
    const urlDigest = this.#digestOf(device, address);
    if (urlDigest === undefined || reading === "basic-only") return;
    const outcome = loginOutcome(reading);
    const attempt: LoginAttempt = { urlDigest, address, at: clock.now(), outcome };
    this.#attempts.set(device.id, noteLogin(this.#stateOf(device), attempt));
    const record = registry.device(device.id);
    if (outcome === "refused" && record !== undefined)
      registry.saveDevice({ ...record, refusedLogin: { urlDigest, address, at: attempt.at } });
  }

  #wasRefused(device: Device, address: IpAddress): boolean {
    const refused = this.#ports.registry.device(device.id)?.refusedLogin;
    return refused !== undefined && refused.address === address && refused.urlDigest === this.#digestOf(device, address);
  }

  #stateOf(device: Device): LoginState {
    const known = this.#attempts.get(device.id) ?? [];
    const refused = this.#ports.registry.device(device.id)?.refusedLogin;
    if (refused === undefined || known.some((attempt) => attempt.at >= refused.at)) return known;
    return noteLogin(known, { ...refused, outcome: "refused" });
  }

  #digestOf(device: Device, address: IpAddress): string | undefined {
    const url = device.loginUrl === undefined ? undefined : loginUrlAt(device.loginUrl, device.addresses, address);
    return url === undefined ? undefined : this.#ports.digest(url);
  }
}
