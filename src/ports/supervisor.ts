import type { IpAddress } from "../domain/addresses.ts";
import type { InstalledApp } from "../domain/frigate-apps.ts";

/** This program as an app of Home Assistant's. */
export interface OwnApp {
  readonly slug: string;
  /** Where its page is to be listened for: the address and the port that Home Assistant's ingress calls. Absent while it has none. */
  readonly ingress?: { readonly host: IpAddress; readonly port: number };
  /** The ports that a person opened, by their name in the app's configuration, such as `8080/tcp`. */
  readonly ports: ReadonlyMap<string, number>;
}

/** What one app says of itself beyond the list. */
export interface AppFacts {
  /** Its name for other apps, which resolves inside this machine alone. */
  readonly hostname: string;
  /** It is started with the machine. */
  readonly startsAtBoot: boolean;
  /** The Supervisor starts it again when it ends. */
  readonly watchdog: boolean;
}

/** An interface of the machine that Home Assistant runs on, as its network settings show it. */
export interface HostInterface {
  readonly name: string;
  /** Enabled and connected. */
  readonly isUp: boolean;
}

/** The broker that an installed app offers to all others. */
export interface OfferedBroker {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: { reveal(): string };
}

/** Home Assistant's Supervisor: it installs and starts apps, this one among them, and tells each what it may know. */
export interface Supervisor {
  /** For a person. */
  readonly place: string;
  /** @throws SupervisorError */
  self(signal: AbortSignal): Promise<OwnApp>;
  /** Every installed app. @throws SupervisorError */
  apps(signal: AbortSignal): Promise<readonly InstalledApp[]>;
  /** @throws SupervisorError */
  app(slug: string, signal: AbortSignal): Promise<AppFacts>;
  /** @throws SupervisorError */
  interfaces(signal: AbortSignal): Promise<readonly HostInterface[]>;
  /** Undefined where no app offers one. @throws SupervisorError */
  broker(signal: AbortSignal): Promise<OfferedBroker | undefined>;
  /** Stops and starts an app, whatever its Watchdog is set to; resolves when that was done, or after five minutes. @throws SupervisorError */
  restart(slug: string, signal: AbortSignal): Promise<void>;
}

/** `SupervisorUnreachable` passes by itself, `SupervisorRefuses` does not. The message is for a person and holds no secret. */
export class SupervisorError extends Error {
  override readonly name = "SupervisorError";
  readonly reason: "SupervisorUnreachable" | "SupervisorRefuses";
  constructor(reason: "SupervisorUnreachable" | "SupervisorRefuses", message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
