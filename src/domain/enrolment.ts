import type { IpAddress, MacAddress } from "./addresses.ts";
import type { Identity } from "./camera.ts";
import { enrolledMacs, macProof, type MacOwner } from "./mac-proof.ts";
import { sameEndpoint } from "./realm.ts";
import type { ConnectReading, GreetingReading, NeighbourReading, OthersReading } from "./readings.ts";
import type { ReasonCode } from "./reasons.ts";
import type { VendorAnswer } from "./vendor-id.ts";

/** What was seen at a configured address. No password is needed for any of it. */
export interface EnrolmentReadings {
  readonly address: IpAddress;
  readonly neighbour: NeighbourReading;
  /** Given once `learn` asked for it. */
  readonly others?: OthersReading;
  readonly connect: ConnectReading;
  readonly endpoint: string | undefined;
  readonly greeting: GreetingReading;
  /** What it told by its maker's own discovery. */
  readonly vendor?: VendorAnswer | undefined;
  /** Video of this device flows from the address now: its password was accepted there. */
  readonly framesFlow: boolean;
  /** A person said that the device there is the camera. */
  readonly isConfirmed?: boolean;
}

export type Enrolment =
  /** `identity` is what is known now, what was known before included. */
  | { readonly kind: "learned"; readonly identity: Identity; readonly news: boolean }
  | { readonly kind: "refused"; readonly reason: ReasonCode; readonly detail: string; readonly foreign: boolean }
  /** The MAC has many addresses, perhaps stale ones: these are to be asked whether it answers for them just now. */
  | { readonly kind: "ask-others"; readonly mac: MacAddress; readonly ask: readonly IpAddress[] };

/**
 * Decides what to learn of the device at an address that a document gives it. What was learned before is never replaced, only added to; a
 * gateway's or proxy's MAC is never learned; a MAC of another configured device only where an endpoint reference tells the two apart.
 * A device is taken for a camera where its stream port speaks RTSP, it answers ONVIF, or video of it flows.
 */
export function learn(owner: MacOwner, seen: EnrolmentReadings): Enrolment {
  const { identity, peers } = owner;
  const proof = macProof(seen.address, owner, seen.neighbour, seen.others);
  if (proof.kind === "undecided") return { kind: "ask-others", mac: proof.mac, ask: proof.ask };
  if (proof.kind === "nobody") return refused("NobodyThere", "nobody answers ARP at the address");
  if (proof.kind === "other") {
    const enrolled = enrolledMacs(owner).join(", ");
    return refused("OtherMac", `${proof.mac} answers, and the camera's is ${enrolled}`, true);
  }
  if (seen.connect !== "open") return refused("PortClosed", `the stream port: ${seen.connect}`);
  const camera = isCamera(seen);
  if (camera !== undefined) return camera;
  const differs = contradiction(identity, seen);
  if (differs !== undefined) return differs;
  const says = [identity.endpoint === undefined ? undefined : seen.endpoint, identity.uid === undefined ? undefined : seen.vendor?.uid];
  if (proof.kind === "none" && (identity.endpoint ?? identity.uid) !== undefined && says.every((one) => one === undefined)) {
    return refused("IdentityMissing", "it does not say its ONVIF endpoint reference or maker's number, which is all that was learned");
  }
  const endpoint = identity.endpoint ?? seen.endpoint;
  const uid = identity.uid ?? seen.vendor?.uid;
  const realm = identity.realm ?? (seen.greeting.kind === "challenge" ? seen.greeting.realm : undefined);
  const learnable = proof.kind === "void" || seen.neighbour.found !== "mac" ? undefined : seen.neighbour.mac;
  const twin = learnable === undefined ? undefined : peers.find((peer) => peer.macs.includes(learnable));
  if (twin !== undefined && !toldApart({ endpoint, uid }, twin)) {
    return refused("DuplicateCamera", `${learnable ?? ""} is the MAC address of another configured camera`);
  }
  if (learnable === undefined && endpoint === undefined && uid === undefined && seen.isConfirmed !== true) {
    const why = proof.kind === "void" ? "a gateway's or proxy's MAC address answers" : "there is no MAC address to see";
    return refused(proof.kind === "void" ? "MacVoid" : "NoMacHere", `${why}, and no ONVIF endpoint reference or maker's number`);
  }
  const macs = learnable === undefined || identity.macs.includes(learnable) ? identity.macs : [...identity.macs, learnable];
  const toldMacs = told(identity, macs, seen.vendor?.mac);
  const changed = endpoint !== identity.endpoint || realm !== identity.realm || uid !== identity.uid;
  return {
    kind: "learned",
    news: macs !== identity.macs || changed || toldMacs !== identity.toldMacs,
    identity: {
      macs,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(realm === undefined ? {} : { realm }),
      ...(uid === undefined ? {} : { uid }),
      ...(toldMacs === undefined ? {} : { toldMacs }),
      ...(identity.shared === undefined ? {} : { shared: identity.shared }),
    },
  };
}

/** MAC addresses that a device told of and that nobody has seen, one more included; at most four. */
function told(identity: Identity, macs: readonly MacAddress[], mac: MacAddress | undefined): readonly MacAddress[] | undefined {
  const known = identity.toldMacs ?? [];
  if (mac === undefined || macs.includes(mac) || known.includes(mac) || known.length >= TOLD_AT_MOST) return identity.toldMacs;
  return [...known, mac];
}

const TOLD_AT_MOST = 4;

function isCamera(seen: EnrolmentReadings): Enrolment | undefined {
  const { greeting } = seen;
  if (seen.framesFlow || seen.endpoint !== undefined || greeting.kind === "challenge" || greeting.kind === "open") return undefined;
  if (greeting.kind === "refused" && greeting.status === 404) {
    return refused("StreamPathMissing", "the RTSP server there does not know the stream path (404)");
  }
  const answer = greeting.kind === "refused" ? `RTSP status ${String(greeting.status)}` : greeting.kind;
  return refused("IdentityMissing", `the device there does not show itself as a camera (${answer}, no ONVIF)`);
}

/** What the device says now against what was learned of it before. */
function contradiction(identity: Identity, seen: EnrolmentReadings): Enrolment | undefined {
  if (identity.endpoint !== undefined && seen.endpoint !== undefined && !sameEndpoint(identity.endpoint, seen.endpoint)) {
    return refused("IdentityDiffers", "its ONVIF endpoint reference is not the one that was learned", true);
  }
  if (identity.uid !== undefined && seen.vendor !== undefined && identity.uid !== seen.vendor.uid) {
    return refused("IdentityDiffers", "its maker's number is not the one that was learned", true);
  }
  const realm = seen.greeting.kind === "challenge" ? seen.greeting.realm : undefined;
  if (identity.realm !== undefined && realm !== undefined && identity.realm !== realm) {
    return refused("IdentityDiffers", "its RTSP realm is not the one that was learned", true);
  }
  return undefined;
}

function toldApart({ endpoint, uid }: { endpoint: string | undefined; uid: string | undefined }, other: Identity): boolean {
  const byEndpoint = endpoint !== undefined && other.endpoint !== undefined && !sameEndpoint(endpoint, other.endpoint);
  return byEndpoint || (uid !== undefined && other.uid !== undefined && uid !== other.uid);
}

function refused(reason: ReasonCode, detail: string, foreign = false): Enrolment {
  return { kind: "refused", reason, detail, foreign };
}
