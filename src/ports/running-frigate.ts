import type { IpAddress } from "../domain/addresses.ts";
import type { Duration } from "../domain/duration.ts";
import type { HostName } from "../domain/host-name.ts";
import type { TargetName } from "./config-target.ts";

/** What a Frigate that is spoken to over HTTP can answer with instead of doing what it was asked. */
export type FrigateReason =
  | "FrigateUnreachable"
  | "FrigateRefusesLogin"
  | "FrigateForbids"
  | "FrigateRefused"
  | "FrigateCertificateChanged"
  | "NotFrigate";

/** A call to Frigate that did not do what it should; the message names the place and the remedy and holds no secret. */
export class FrigateError extends Error {
  override readonly name = "FrigateError";
  readonly reason: FrigateReason;
  /** The HTTP status, where Frigate answered. */
  readonly status: number | undefined;
  constructor(reason: FrigateReason, message: string, options: ErrorOptions & { readonly status?: number } = {}) {
    super(message, options);
    this.reason = reason;
    this.status = options.status;
  }
}

/** A camera as the running Frigate has it: the addresses that it took from its document when it started, or live since. */
export interface RunningCamera {
  /** Of inputs that go to an address; those that read go2rtc on the same machine are absent. */
  readonly inputs: readonly IpAddress[];
  /** Of inputs that go to a host name; absent where there are none. */
  readonly names?: readonly HostName[];
  /** Of `onvif.host`, where it is an address. */
  readonly onvif?: IpAddress;
  /** Of `onvif.host`, where it is a host name. */
  readonly onvifName?: HostName;
}

export interface RunningState {
  /** It found its document invalid and runs without cameras (0.17 and later), or it does not come up. */
  readonly safeMode: boolean;
  /** Why it does not come up, in words that follow its place; absent where it runs, be it without cameras. */
  readonly failed?: string;
  /** Something else restarts it for each change of its document: a restart is awaited and not asked for. */
  readonly restartsAlone?: boolean;
  /** By name, disabled ones included. */
  readonly cameras: ReadonlyMap<string, RunningCamera>;
}

/** What Frigate counts of the input that a camera detects on. */
export interface CameraFrames {
  /** Frames a second that come in; 0 again twenty seconds after the last one. */
  readonly perSecond: number;
  /** False where Frigate runs with the camera off, also by a switch outside its document. Asked only where it counts none; else true. */
  readonly isOn: boolean;
  /** True where that input reads go2rtc on the same machine. Asked only where it counts none. */
  readonly isRestreamed?: boolean;
  /** Frigate's own word for the connection: 0.18 and later. */
  readonly quality?: string;
}

/** A Frigate that runs, as what it is besides its document. */
export interface RunningFrigate {
  /** The name of the document that it runs on. */
  readonly name: TargetName;
  /** For a person: its address without credentials. */
  readonly place: string;
  /** How long it may take to be back after a restart, and to be judged where it is not; absent where nothing is known of that. */
  readonly comesBackWithin?: Duration;
  /** What it runs with now, which is not what its document says since. @throws FrigateError */
  state(signal: AbortSignal): Promise<RunningState>;
  /** Of these cameras, as far as it counts them; of none in the first minute after it started. @throws FrigateError */
  frames(cameras: ReadonlySet<string>, signal: AbortSignal): Promise<ReadonlyMap<string, CameraFrames>>;
  /**
   * Applies the inputs or `onvif` of one camera as `text`, the document, has them, at once and without writing the document: 0.18 and later.
   * @returns false where this version cannot, or the text is not plain enough
   * @throws FrigateError
   */
  applyLive(camera: string, section: "ffmpeg" | "onvif", text: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Asks it to end, so that whatever keeps it running starts it anew; returns before it has ended. Nothing here can see whether something does.
   * @throws FrigateError
   */
  restart(signal: AbortSignal): Promise<void>;
}
