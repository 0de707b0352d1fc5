import type { IpAddress } from "../domain/addresses.ts";
import type { BindingDecision, JudgedAddress } from "../domain/binding.ts";
import type { Device } from "../domain/camera.ts";
import { seconds } from "../domain/duration.ts";
import type { EvidenceRecord } from "../domain/evidence.ts";
import { decideWhereWritten, isPeer, writtenAddresses } from "../domain/told-identity.ts";
import type { Registry } from "../ports/registry.ts";
import type { Fleet } from "./fleet.ts";
import { haveSwapped, type SwappedPorts } from "./swapped.ts";
import { recordOf } from "./switching.ts";
import type { Verification } from "./verifier.ts";

/** Long enough for two attempts to connect, and for all answers of a camera that is there. */
export const WRITTEN_WITHIN = seconds(6);

/** What answers where the documents have a camera that is known by what was told alone. */
export interface WrittenLook {
  readonly judged: readonly JudgedAddress[];
  readonly evidence: Map<IpAddress, EvidenceRecord>;
  /** Absent where it may be looked for elsewhere. */
  readonly decision?: BindingDecision;
}

interface WrittenParts extends SwappedPorts {
  readonly fleet: SwappedPorts["fleet"] & Pick<Fleet, "peersOf">;
  readonly verify: (address: IpAddress) => Promise<Verification>;
  readonly note: (evidence: EvidenceRecord) => void;
}

/** Looks there first, and at nobody else while a camera answers there: no password goes anywhere on a message's word against it. */
export async function lookWhereWritten(parts: WrittenParts, device: Device, current: IpAddress, signal: AbortSignal): Promise<WrittenLook> {
  const { fleet, verify, note } = parts;
  const judged: JudgedAddress[] = [];
  const evidence = new Map<IpAddress, EvidenceRecord>();
  for (const address of writtenAddresses(device, current)) {
    const verification = await verify(address);
    judged.push(judgedOf(verification));
    evidence.set(address, verification.evidence);
    if (verification.verdict === "verified") break;
    note(verification.evidence);
  }
  const peers = fleet.peersOf(device);
  const others = judged.filter((one) => isPeer(one, peers));
  const mayLeave = decideWhereWritten(judged, peers) === undefined;
  const moved = mayLeave ? await Promise.all(others.map(({ said }) => haveSwapped(parts, device, said, signal))) : [];
  const decision = decideWhereWritten(judged, moved.includes(false) ? [] : peers);
  return { judged, evidence, ...(decision === undefined ? {} : { decision }) };
}

export function judgedOf(verification: Verification): JudgedAddress {
  const { candidate, verdict, reason, foreign, present, mac, evidence, byIdentity, said } = verification;
  return {
    address: candidate,
    verdict,
    reason,
    foreign,
    present,
    byIdentity,
    said,
    at: evidence.at,
    ...(mac === undefined ? {} : { mac }),
  };
}

/** It was proved by what was told of it: what it said of that itself counts as learned here from now on, and nothing else. */
export function takeOver(
  { registry, fleet }: { readonly registry: Registry; readonly fleet: Pick<Fleet, "identityOf"> },
  device: Device,
  said: Verification["said"],
): void {
  const { toldMacs, shared } = fleet.identityOf(device);
  const record = recordOf(registry, device);
  const more = { ...(toldMacs === undefined ? {} : { toldMacs }), ...(shared === undefined ? {} : { shared }) };
  registry.saveDevice({ ...record, identity: { ...more, ...said, macs: record.identity.macs } });
}
