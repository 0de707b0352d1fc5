import type { IpAddress, MacAddress } from "./addresses.ts";
import type { BindingDecision, JudgedAddress } from "./binding.ts";
import type { Device, Identity, OwnerName } from "./camera.ts";
import { sameEndpoint } from "./realm.ts";
import type { ReasonCode } from "./reasons.ts";
import type { VendorUid } from "./vendor-id.ts";

/** What another copy of the program says that a camera is known by. */
export interface ToldIdentity {
  /** Its id there. */
  readonly camera: string;
  /** Its names in the documents there. */
  readonly owners: readonly OwnerName[];
  /** MAC addresses that were seen or told there. */
  readonly macs: readonly MacAddress[];
  readonly endpoint?: string;
  readonly realm?: string;
  readonly uid?: VendorUid;
  /** What of it another device was heard to say too. */
  readonly shared?: Identity["shared"];
}

/** MAC addresses of one device that help to find it. */
const MOST_MACS = 4;

/**
 * What is known of a device through those who tell of it: those who call it by its id, else those who know one of its names. Its MAC addresses only help to find it:
 * nobody here saw them. Undefined where two tell things that contradict one another: then neither is believed.
 */
export function toldIdentity({ id, owners }: Pick<Device, "id" | "owners">, all: readonly ToldIdentity[]): Identity | undefined {
  const byId = all.filter(({ camera }) => camera === id);
  const fitting = byId.length > 0 ? byId : all.filter((told) => told.owners.some((owner) => owners.includes(owner)));
  const [first, ...others] = fitting;
  if (first === undefined || others.some((other) => contradict(first, other))) return undefined;
  const told = <K extends keyof ToldIdentity>(key: K): ToldIdentity[K] | undefined => fitting.find((one) => one[key] !== undefined)?.[key];
  const [endpoint, realm, uid, shared] = [told("endpoint"), told("realm"), told("uid"), told("shared")];
  return {
    macs: [],
    toldMacs: [...new Set(fitting.flatMap(({ macs }) => macs))].slice(0, MOST_MACS),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(realm === undefined ? {} : { realm }),
    ...(uid === undefined ? {} : { uid }),
    ...(shared === undefined ? {} : { shared }),
  };
}

function contradict(one: ToldIdentity, other: ToldIdentity): boolean {
  const differs = <T>(a: T | undefined, b: T | undefined): boolean => a !== undefined && b !== undefined && a !== b;
  const isElse = one.endpoint !== undefined && other.endpoint !== undefined && !sameEndpoint(one.endpoint, other.endpoint);
  return isElse || differs(one.uid, other.uid) || differs(one.realm, other.realm);
}

/** Whether anything was learned here: then nothing that is told counts. */
export function isLearned(identity: Identity | undefined): boolean {
  return identity !== undefined && (identity.macs.length > 0 || (identity.endpoint ?? identity.uid ?? identity.realm) !== undefined);
}

/** Whether what is told may be meant for a device of which a person gave MAC addresses: one of them must be among those that are told. */
export function fitsGivenMacs(told: Identity, given: readonly MacAddress[]): boolean {
  return given.length === 0 || (told.toldMacs ?? []).some((mac) => given.includes(mac));
}

/** Nobody that could be a camera answers at the address. */
const ABSENT: readonly ReasonCode[] = ["NobodyThere", "PortClosed", "Searching"];
/** A camera answers there and is not, or does not show that it is, the one that is told of. */
const OTHER: readonly ReasonCode[] = ["IdentityDiffers", "IdentityMissing", "OtherMac"];

/**
 * Whether a camera that is known by what was told alone may be looked for elsewhere, by what answers where the documents have it. What is told may be a lie: so
 * a camera that answers there weighs more than the message, unless it says itself that it is another camera of this home, which has taken the address.
 * @param written the verdicts on the addresses of the documents
 * @param peers what is known of every other configured camera
 * @returns the decision where nothing else may be asked; undefined where it may be looked for
 */
export function decideWhereWritten(written: readonly JudgedAddress[], peers: readonly Identity[]): BindingDecision | undefined {
  const verified = written.find(({ verdict }) => verdict === "verified");
  if (verified !== undefined) return { kind: "keep", address: verified.address, reason: "Healthy" };
  const there = written.find((one) => !ABSENT.includes(one.reason) && !isPeer(one, peers));
  if (there === undefined) return undefined;
  const reason = OTHER.includes(there.reason) ? "ToldIdentityDiffers" : there.reason;
  return { kind: "unknown", search: false, reason };
}

/** What was told is enough to prove a camera elsewhere, and not to take its streams away where it is not found: nothing is parked on a message. */
export function withoutParking(decision: BindingDecision): BindingDecision {
  return decision.kind === "quarantine" ? { kind: "unknown", search: true, reason: "Searching" } : decision;
}

/** Whether another device answers there that says itself to be one of them. */
export function isPeer({ foreign, said }: JudgedAddress, peers: readonly Identity[]): boolean {
  return foreign && said !== undefined && peers.some((peer) => saysToBe(said, peer));
}

/** Whether a device says to be the one that is known. */
export function saysToBe({ endpoint, uid }: Pick<Identity, "endpoint" | "uid">, known: Identity): boolean {
  const isSame = endpoint !== undefined && known.endpoint !== undefined && sameEndpoint(known.endpoint, endpoint);
  return isSame || (uid !== undefined && known.uid === uid);
}

/** The addresses at which the documents have a device, the one that it is taken to be at first; the only ones that are looked at first. */
export function writtenAddresses(device: Pick<Device, "addresses">, current: IpAddress | undefined): readonly IpAddress[] {
  return [...new Set([...(current === undefined ? [] : [current]), ...device.addresses])].slice(0, 4);
}
