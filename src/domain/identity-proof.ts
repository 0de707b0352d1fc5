import type { Identity } from "./camera.ts";
import type { MacOwner, MacProof } from "./mac-proof.ts";
import { namesOneDevice, sameEndpoint } from "./realm.ts";
import type { GreetingReading } from "./readings.ts";
import type { VendorUid } from "./vendor-id.ts";

/** What must say, beside the MAC, that it is this very device. */
export type IdentityNeed =
  /** The MAC is sound: what was learned must not be contradicted. */
  | "no-contradiction"
  /** An endpoint reference or maker's number that is this device's alone, or, where neither was learned, such a realm. */
  | "unique-or-realm"
  /** An endpoint reference or maker's number that is this device's alone: without layer 2 a realm is too easily shared. */
  | "unique";

export type IdentityKind = "endpoint" | "uid" | "realm";

/** What a device answered to the questions that need no password. */
export interface SaidIdentity {
  readonly endpoint: string | undefined;
  readonly uid: VendorUid | undefined;
  /** Absent where no realm was learned. */
  readonly greeting: GreetingReading | undefined;
}

/** What the device at the address says of itself, beside what was learned. */
export type IdentityProof =
  | { readonly kind: "passed"; readonly by: readonly IdentityKind[] }
  /** It says it is another one. */
  | { readonly kind: "differs"; readonly what: IdentityKind; readonly learned: string; readonly seen: string }
  /** It does not say (yet) what was learned of it. */
  | { readonly kind: "silent"; readonly what: IdentityKind; readonly lasting: boolean };

type Known = Pick<MacOwner, "identity" | "peers">;

/** How much the identity has to prove, given what the MAC proved. */
export function identityNeed(mac: Extract<MacProof, { kind: "sound" | "weak" | "void" | "none" }>): IdentityNeed {
  if (mac.kind === "sound") return "no-contradiction";
  return mac.kind === "none" ? "unique" : "unique-or-realm";
}

/** Whether what was learned can meet the need at all, whatever the device answers. */
export function canMeet(need: IdentityNeed, owner: Known): boolean {
  if (need === "no-contradiction" || uniqueKinds(owner).length > 0) return true;
  const { endpoint, uid, realm } = owner.identity;
  return need === "unique-or-realm" && endpoint === undefined && uid === undefined && isDecisiveRealm(realm, owner.peers);
}

/** What was learned that no other device is known to say too. An endpoint reference or number that was heard from two addresses at once is none. */
function uniqueKinds({ identity, peers }: Known): readonly ("endpoint" | "uid")[] {
  const { endpoint, uid, shared = [] } = identity;
  const alone = {
    endpoint: endpoint !== undefined && !peers.some((peer) => peer.endpoint !== undefined && sameEndpoint(peer.endpoint, endpoint)),
    uid: uid !== undefined && !peers.some((peer) => peer.uid === uid),
  };
  return (["endpoint", "uid"] as const).filter((kind) => alone[kind] && !shared.includes(kind));
}

/**
 * Judges the answers that need no password against what was learned. A difference always blocks; an equal value that other devices share proves
 * nothing. Where an endpoint or number was learned and nothing answers with one, an equal realm stands in only beside a sound MAC.
 */
export function identityProof(need: IdentityNeed, owner: Known, said: SaidIdentity): IdentityProof {
  const { identity } = owner;
  const realm = said.greeting?.kind === "challenge" ? said.greeting.realm : undefined;
  if (identity.endpoint !== undefined && said.endpoint !== undefined && !sameEndpoint(identity.endpoint, said.endpoint)) {
    return { kind: "differs", what: "endpoint", learned: identity.endpoint, seen: said.endpoint };
  }
  if (identity.uid !== undefined && said.uid !== undefined && identity.uid !== said.uid) {
    return { kind: "differs", what: "uid", learned: identity.uid, seen: said.uid };
  }
  if (identity.realm !== undefined && realm !== undefined && realm !== identity.realm) {
    return { kind: "differs", what: "realm", learned: identity.realm, seen: realm };
  }
  const by = (["endpoint", "uid", "realm"] as const).filter(
    (kind) => identity[kind] !== undefined && (kind === "realm" ? realm : said[kind]) !== undefined,
  );
  const lasting = said.greeting?.kind === "open" || said.greeting?.kind === "not-rtsp";
  return need === "no-contradiction" ? besideSoundMac(identity, by, lasting) : byItself(owner, by, lasting);
}

function besideSoundMac(identity: Identity, by: readonly IdentityKind[], lasting: boolean): IdentityProof {
  const first = (["endpoint", "uid", "realm"] as const).find((kind) => identity[kind] !== undefined);
  if (first === undefined || by.length > 0) return { kind: "passed", by };
  return { kind: "silent", what: first, lasting: first === "realm" && lasting };
}

/** The MAC proves nothing, or not enough. */
function byItself(owner: Known, by: readonly IdentityKind[], lasting: boolean): IdentityProof {
  const unique = uniqueKinds(owner);
  if (unique.some((kind) => by.includes(kind))) return { kind: "passed", by };
  const [first] = unique;
  if (first !== undefined) return { kind: "silent", what: first, lasting: false };
  return by.includes("realm") ? { kind: "passed", by } : { kind: "silent", what: "realm", lasting };
}

function isDecisiveRealm(realm: string | undefined, peers: readonly Identity[]): boolean {
  return realm !== undefined && namesOneDevice(realm) && !peers.some((peer) => peer.realm === realm);
}
