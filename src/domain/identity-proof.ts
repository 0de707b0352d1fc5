import type { Identity } from "./camera.ts";
import type { MacOwner, MacProof } from "./mac-proof.ts";
import { namesOneDevice, sameEndpoint } from "./realm.ts";
import type { GreetingReading } from "./readings.ts";

/** What must say, beside the MAC, that it is this very device. */
export type IdentityNeed =
  /** The MAC is sound: what was learned must not be contradicted. */
  | "no-contradiction"
  /** An endpoint reference that is this device's alone, or, where none was learned, such a realm. */
  | "endpoint-or-realm"
  /** An endpoint reference that is this device's alone: without layer 2 a realm is too easily shared. */
  | "endpoint";

/** What the device at the address says of itself, beside what was learned. */
export type IdentityProof =
  | { readonly kind: "passed"; readonly by: readonly ("endpoint" | "realm")[] }
  /** It says it is another one. */
  | { readonly kind: "differs"; readonly what: "endpoint" | "realm"; readonly learned: string; readonly seen: string }
  /** It does not say (yet) what was learned of it. */
  | { readonly kind: "silent"; readonly what: "endpoint" | "realm"; readonly lasting: boolean };

/** How much the identity has to prove, given what the MAC proved. */
export function identityNeed(mac: Extract<MacProof, { kind: "sound" | "weak" | "void" | "none" }>): IdentityNeed {
  if (mac.kind === "sound") return "no-contradiction";
  return mac.kind === "none" ? "endpoint" : "endpoint-or-realm";
}

/** Whether what was learned can meet the need at all, whatever the device answers. */
export function canMeet(need: IdentityNeed, owner: MacOwner): boolean {
  if (need === "no-contradiction") return true;
  const { endpoint } = owner.identity;
  if (endpoint !== undefined) return isDecisiveEndpoint(endpoint, owner.peers);
  return need === "endpoint-or-realm" && isDecisiveRealm(owner.identity.realm, owner.peers);
}

/**
 * Judges the answers that need no password against what was learned. A difference always blocks; an equal value that other devices share proves
 * nothing. Where an endpoint was learned and nothing answers with one, an equal realm stands in only beside a sound MAC.
 * @param endpoint the endpoint reference that was answered; ignored where none was learned
 * @param greeting absent where no realm was learned
 */
export function identityProof(
  need: IdentityNeed,
  identity: Identity,
  endpoint: string | undefined,
  greeting: GreetingReading | undefined,
): IdentityProof {
  const realm = greeting?.kind === "challenge" ? greeting.realm : undefined;
  if (identity.endpoint !== undefined && endpoint !== undefined && !sameEndpoint(identity.endpoint, endpoint)) {
    return { kind: "differs", what: "endpoint", learned: identity.endpoint, seen: endpoint };
  }
  if (identity.realm !== undefined && realm !== undefined && realm !== identity.realm) {
    return { kind: "differs", what: "realm", learned: identity.realm, seen: realm };
  }
  const byEndpoint = identity.endpoint !== undefined && endpoint !== undefined;
  const byRealm = identity.realm !== undefined && realm !== undefined;
  const by = [...(byEndpoint ? (["endpoint"] as const) : []), ...(byRealm ? (["realm"] as const) : [])];
  if (identity.endpoint === undefined && identity.realm === undefined) return { kind: "passed", by };
  if (byEndpoint) return { kind: "passed", by };
  if (identity.endpoint !== undefined && (need !== "no-contradiction" || !byRealm))
    return { kind: "silent", what: "endpoint", lasting: false };
  if (byRealm) return { kind: "passed", by };
  return { kind: "silent", what: "realm", lasting: greeting?.kind === "open" || greeting?.kind === "not-rtsp" };
}

/** True where no other configured device is known by the same endpoint reference (some firmwares ship one for all). */
function isDecisiveEndpoint(endpoint: string, peers: readonly Identity[]): boolean {
  return !peers.some((peer) => peer.endpoint !== undefined && sameEndpoint(peer.endpoint, endpoint));
}

function isDecisiveRealm(realm: string | undefined, peers: readonly Identity[]): boolean {
  return realm !== undefined && namesOneDevice(realm) && !peers.some((peer) => peer.realm === realm);
}
