import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { Duration } from "../domain/duration.ts";
import type { ReasonCode } from "../domain/reasons.ts";

/** What became of a request. `message` is one sentence for a person, without secrets. */
export type ActionResult = { readonly kind: "accepted"; readonly message: string } | Refusal;

export interface Refusal {
  readonly kind: "refused";
  readonly reason: ReasonCode;
  readonly message: string;
}

export function refused(reason: ReasonCode, message: string): Refusal {
  return { kind: "refused", reason, message };
}

/** Everything that a person or another program may ask for, as data: the same by command, HTTP and MQTT. Cameras are named by id or title. */
export type Action =
  /** Look at everything again, or at one camera, and forget what was held back there. */
  | {
      readonly verb: "resync";
      readonly camera?: string;
      /** The answer says what came of it, so far as it came to something within this time; without it, that it was begun. */
      readonly wait?: Duration;
    }
  /** Give the camera's streams a new connection: those that deliver video to somebody only with `force`, for go2rtc leaves who watches on the old one. */
  | { readonly verb: "reconnect"; readonly camera: string; readonly force?: true }
  /** The camera is gone for good: what was learned of it goes. */
  | { readonly verb: "forget"; readonly camera: string }
  /** The camera is the device with this MAC address: a person says so. */
  | {
      readonly verb: "adopt";
      readonly camera: string;
      readonly mac: MacAddress;
      /** It took the place of the camera that was learned, of which all is dropped; else the MAC address is one more of that camera. */
      readonly replace?: true;
    }
  /** The camera is at this address, where nothing can prove it: a person says so. */
  | { readonly verb: "adopt"; readonly camera: string; readonly address: IpAddress }
  /** Write exactly the change with this id; the one that waits where none is named and only one does. */
  | { readonly verb: "approve"; readonly id?: string }
  /** Put a document back to what it was before our last change; the document that was changed last where none is named. */
  | { readonly verb: "undo"; readonly target?: string; readonly to?: number }
  /** "This device may be at this address": starts a proof and nothing else. The device by its MAC address or its ONVIF endpoint reference. */
  | {
      readonly verb: "sighting";
      readonly mac?: MacAddress;
      readonly endpoint?: string;
      readonly address: IpAddress;
      readonly hostName?: string;
    };

export type Verb = Action["verb"];

/** The one place where a request becomes work. What it starts goes on by itself: `accepted` means that it was begun, or done where the message says so. */
export interface Actions {
  /** What can be asked for here. */
  readonly verbs: ReadonlySet<Verb>;
  /** @throws the signal's reason when aborted */
  perform(action: Action, signal: AbortSignal): Promise<ActionResult>;
}
