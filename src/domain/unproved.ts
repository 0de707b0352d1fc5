import { contradictsPath } from "./adoption.ts";
import type { Device, Identity } from "./camera.ts";
import type { ConnectReading, GreetingReading } from "./readings.ts";
import { namesOneDevice, sameEndpoint } from "./realm.ts";
import type { ReasonCode } from "./reasons.ts";
import { shortened } from "./short-words.ts";
import type { VendorUid } from "./vendor-id.ts";

/** What a device said to anybody when a person confirmed it: one that says something else later is not the one that was confirmed. */
export interface SaidThere {
  readonly endpoint?: string;
  readonly realm?: string;
}

/** What a device answered without a password. */
export interface AnsweredThere {
  readonly connect: ConnectReading;
  readonly endpoint: string | undefined;
  /** The maker's number for it. */
  readonly uid?: VendorUid | undefined;
  readonly greeting: GreetingReading;
}

/** How a device fits a camera that nothing can prove there. */
export type Unproved =
  | { readonly kind: "fits"; readonly said: SaidThere; /** In words for a person. */ readonly says: readonly string[] }
  | { readonly kind: "refused"; readonly reason: ReasonCode; readonly why: string };

/**
 * Judges a device at an address where nothing can prove the camera: every question but that for its identity has to be passed, and nothing may speak against
 * it. It decides nothing by itself: a person confirms it, and the camera's password is tried only then.
 * @param peers what is known of every other configured device
 */
export function judgeUnproved(
  camera: Pick<Device, "streamPort" | "streamPath">,
  identity: Identity,
  peers: readonly Identity[],
  { connect, endpoint, uid, greeting }: AnsweredThere,
): Unproved {
  if (connect !== "open") return refused("PortClosed", `TCP port ${String(camera.streamPort)}: ${connect}`);
  if (greeting.kind === "refused" && greeting.status === 404) return refused("StreamPathMissing", "it does not know the stream path (404)");
  if (greeting.kind !== "challenge" && greeting.kind !== "open")
    return refused("IdentityMissing", "it does not answer as a camera's RTSP server");
  const realm = greeting.kind === "challenge" ? greeting.realm : undefined;
  const server = greeting.kind === "challenge" ? greeting.server : undefined;
  const otherMaker = contradictsPath(camera.streamPath, greeting);
  if (otherMaker !== undefined) return refused("IdentityDiffers", otherMaker);
  if (identity.realm !== undefined && realm !== identity.realm)
    return refused("IdentityDiffers", "its RTSP realm is not the one that was learned");
  const isOwn = identity.endpoint !== undefined && endpoint !== undefined && sameEndpoint(identity.endpoint, endpoint);
  if (identity.endpoint !== undefined && endpoint !== undefined && !isOwn)
    return refused("IdentityDiffers", "its ONVIF endpoint reference is not the one that was learned");
  if (identity.uid !== undefined && uid !== undefined && uid !== identity.uid)
    return refused("IdentityDiffers", "its maker's number is not the one that was learned");
  const isOthers = peers.some(
    (peer) =>
      (uid !== undefined && uid !== identity.uid && peer.uid === uid) ||
      (endpoint !== undefined && !isOwn && peer.endpoint !== undefined && sameEndpoint(peer.endpoint, endpoint)) ||
      (realm !== undefined && realm !== identity.realm && peer.realm === realm && namesOneDevice(realm)),
  );
  if (isOthers) return refused("DuplicateCamera", "it says that it is another configured camera");
  return {
    kind: "fits",
    said: { ...(endpoint === undefined ? {} : { endpoint }), ...(realm === undefined ? {} : { realm }) },
    says: [
      ...(realm === undefined ? [] : [`realm ${JSON.stringify(shortened(realm, 80))}${identity.realm === realm ? " as learned" : ""}`]),
      ...(server === undefined ? [] : [`server ${JSON.stringify(shortened(server, 80))}`]),
      ...(greeting.kind === "open" ? ["shows the stream to anybody"] : []),
      ...(endpoint === undefined ? [] : ["ONVIF"]),
    ],
  };
}

/** Whether a device says still what it said when it was confirmed. */
export function saysTheSame(one: SaidThere, other: SaidThere): boolean {
  return one.realm === other.realm && (one.endpoint === other.endpoint || sameEndpoint(one.endpoint ?? "", other.endpoint ?? ""));
}

function refused(reason: ReasonCode, why: string): Unproved {
  return { kind: "refused", reason, why };
}
