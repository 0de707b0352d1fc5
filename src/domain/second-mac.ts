import { type IpAddress, isLocallyAdministered, type MacAddress } from "./addresses.ts";
import { canMeet, type IdentityKind, identityProof, type SaidIdentity } from "./identity-proof.ts";
import { macProof, type MacOwner } from "./mac-proof.ts";
import type { NeighbourReading } from "./readings.ts";

/** Whether a device with an unknown MAC address may be another interface of the camera, such as its wireless one. */
export type SecondMac =
  | { readonly kind: "proposed"; readonly mac: MacAddress; readonly by: readonly IdentityKind[] }
  | { readonly kind: "refused"; readonly why: string };

/**
 * Judges what a device said without a password beside what was learned of the camera. Only an endpoint reference or maker's number that is this camera's alone
 * speaks for it, and only a MAC address that a manufacturer gave and that is nobody else's can be added: all else would be proof of nothing later.
 * It decides nothing by itself: a person confirms it.
 */
export function secondMac(candidate: IpAddress, owner: MacOwner, neighbour: NeighbourReading, said: SaidIdentity): SecondMac {
  const proof = macProof(candidate, owner, neighbour, undefined);
  if (proof.kind === "void")
    return refused(proof.why === "gateway" ? "it is the gateway" : "it answers for many addresses, as a proxy does");
  if (proof.kind === "undecided") return refused("its MAC address stands for several addresses");
  if (proof.kind !== "other") return refused("no other MAC address answers there");
  const { mac } = proof;
  if (isLocallyAdministered(mac)) return refused("the device made its MAC address up");
  if (owner.peers.some((peer) => peer.macs.includes(mac))) return refused("the MAC address is another camera's");
  if (!canMeet("unique", owner)) return refused("what was learned of the camera is not this camera's alone");
  const identity = identityProof("unique", owner, said);
  if (identity.kind === "passed") return { kind: "proposed", mac, by: identity.by };
  return refused(identity.kind === "differs" ? "it says that it is another device" : "it does not say what was learned");
}

function refused(why: string): SecondMac {
  return { kind: "refused", why };
}
