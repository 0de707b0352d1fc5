import type { IpAddress, MacAddress } from "./addresses.ts";
import { isLocallyAdministered } from "./addresses.ts";
import type { Identity } from "./camera.ts";
import type { Instant } from "./duration.ts";
import { isTakenSince } from "./mac-proof.ts";
import type { ReasonCode } from "./reasons.ts";

/** The latest verdict on one address for the device at hand. */
export interface JudgedAddress {
  readonly address: IpAddress;
  readonly verdict: "verified" | "rejected";
  readonly reason: ReasonCode;
  /** A *different* device answers there. */
  readonly foreign: boolean;
  /** An enrolled MAC answers there, whatever came of the later proofs. */
  readonly present: boolean;
  readonly mac?: MacAddress;
  /** Verified by what the device says of itself alone. */
  readonly byIdentity?: boolean;
  /** What it said of itself, as far as it was asked. */
  readonly said?: Pick<Identity, "endpoint" | "uid">;
  readonly at: Instant;
}

/** Video of a stream of the device arrives from `address` just now. `holder`: the MAC that the neighbour table has for it just now. */
export interface FlowingFrames {
  readonly address: IpAddress;
  readonly holder: MacAddress | undefined;
}

export interface BindingInput {
  /** Every MAC of the device, the first enrolled (usually the wired one) first. */
  readonly macs: readonly MacAddress[];
  /** What is known of every other configured device. */
  readonly peers: readonly Identity[];
  /** Where it was last proved to be; where it never was, the address of the documents. */
  readonly current: IpAddress | undefined;
  /** Every address that the documents give it. */
  readonly configured: readonly IpAddress[];
  readonly judged: readonly JudgedAddress[];
  readonly frames: readonly FlowingFrames[];
}

export type BindingDecision =
  /** Nothing changes. `reason` tells what is wrong there where it is not `Healthy` or `FramesStillFlow`. */
  | { readonly kind: "keep"; readonly address: IpAddress; readonly reason: ReasonCode }
  | { readonly kind: "switch"; readonly to: IpAddress; readonly from: IpAddress | undefined }
  /** The device answers, or delivers, at two addresses: the kept one stays. */
  | {
      readonly kind: "conflict";
      readonly kept: IpAddress;
      readonly other: IpAddress;
      readonly reason: "FramesStillFlow" | "AddressContested";
    }
  /** The device is not found, and different devices hold these addresses, which would be offered its password. */
  | {
      readonly kind: "quarantine";
      readonly addresses: readonly IpAddress[];
      readonly mac: MacAddress | undefined;
      readonly reason: ReasonCode;
    }
  /** Where it is, is not known. `search` is false where looking elsewhere is of no use: it is there and a person must act. */
  | { readonly kind: "unknown"; readonly search: boolean; readonly reason: ReasonCode };

/**
 * Decides where a device is to be taken from, by what was proved. Each device is decided alone: of two that swapped addresses, each moves
 * on its own proof, whether or not the other has moved. Never decides for an address that was not verified, and never away from one that frames of
 * this device arrive from: frames count while the table gives their address an enrolled MAC.
 */
export function resolve(input: BindingInput): BindingDecision {
  const { current } = input;
  const verified = input.judged.filter((one) => one.verdict === "verified");
  const flowing = input.frames.find((frame) => isOfDevice(frame, input));
  const kept = flowing === undefined ? verified.find((one) => one.address === current)?.address : (current ?? flowing.address);
  if (kept !== undefined) {
    const others = [...verified.map((one) => one.address), ...(flowing === undefined ? [] : [flowing.address])];
    const other = others.find((address) => address !== kept);
    if (other === undefined) return { kind: "keep", address: kept, reason: flowing === undefined ? "Healthy" : "FramesStillFlow" };
    return { kind: "conflict", kept, other, reason: flowing === undefined ? "AddressContested" : "FramesStillFlow" };
  }
  // No MAC speaks for either, and one camera is not at two addresses: two devices say the same of themselves, and neither is proved.
  if (spokenTwice(input.judged).length > 1) return { kind: "unknown", search: false, reason: "IdentityShared" };
  const best = verified.toSorted((one, other) => preference(one, other, input.macs))[0];
  if (best !== undefined) return { kind: "switch", to: best.address, from: current };
  return resolveUnproved(input);
}

/** The verdict as it stands now: a proof is void where another device has come to hold the address. @param holder what the table gives it just now */
export function stillHeld(one: JudgedAddress, holder: MacAddress | undefined, own: readonly MacAddress[]): JudgedAddress {
  if (one.verdict !== "verified" || one.mac === undefined || !isTakenSince(one.mac, holder, own)) return one;
  return { ...one, verdict: "rejected", reason: "AddressContested" };
}

/** Addresses that were verified by what the device there says of itself alone, where these are several: then it is no proof. */
export function spokenTwice(judged: readonly JudgedAddress[]): readonly IpAddress[] {
  const spoken = judged.filter((one) => one.verdict === "verified" && one.byIdentity === true).map((one) => one.address);
  const addresses = [...new Set(spoken)];
  return addresses.length > 1 ? addresses : [];
}

/** No address is verified and no frames count. */
function resolveUnproved(input: BindingInput): BindingDecision {
  const { current, configured, judged } = input;
  const used = new Set([...(current === undefined ? [] : [current]), ...configured]);
  const strangers = judged.filter((one) => one.foreign && used.has(one.address));
  const first = strangers[0];
  if (first !== undefined) {
    return { kind: "quarantine", addresses: strangers.map((one) => one.address), mac: first.mac, reason: first.reason };
  }
  const present =
    judged.find((one) => one.present && !one.foreign && one.address === current) ?? judged.find((one) => one.present && !one.foreign);
  if (present === undefined) {
    const there = judged.find((one) => one.address === current);
    const reason = there?.reason ?? "Searching";
    return { kind: "unknown", search: reason !== "IdentityShared" && reason !== "NoMacHere", reason };
  }
  if (present.address === current) return { kind: "keep", address: current, reason: present.reason };
  return { kind: "unknown", search: false, reason: present.reason };
}

/**
 * Frames are this device's where the MAC is enrolled. Not so where a proof says that a different device answers there with this very MAC, if the device may
 * have made the MAC up or shares it, or is proved to be elsewhere. Under a shared MAC frames prove nothing against a proof from elsewhere.
 */
function isOfDevice({ address, holder }: FlowingFrames, input: BindingInput): boolean {
  if (holder === undefined || !input.macs.includes(holder)) return false;
  const shared = input.peers.some((peer) => peer.macs.includes(holder));
  const here = input.judged.find((one) => one.address === address);
  const elsewhere = here?.verdict !== "verified" && input.judged.some((one) => one.verdict === "verified");
  if (here?.foreign === true && here.mac === holder) return !elsewhere && !shared && !isLocallyAdministered(holder);
  return !elsewhere || !shared;
}

/** The first enrolled MAC first, then the latest proof, then the address, so that the order is total. */
function preference(one: JudgedAddress, other: JudgedAddress, macs: readonly MacAddress[]): number {
  const rank = (judged: JudgedAddress): number => {
    const index = judged.mac === undefined ? -1 : macs.indexOf(judged.mac);
    return index < 0 ? macs.length : index;
  };
  return rank(one) - rank(other) || other.at - one.at || one.address.localeCompare(other.address);
}
