import type { IpAddress } from "../domain/addresses.ts";
import type { BindingDecision, JudgedAddress } from "../domain/binding.ts";
import type { Device, Identity } from "../domain/camera.ts";
import { seconds } from "../domain/duration.ts";
import type { EvidenceRecord } from "../domain/evidence.ts";
import { decideWhereWritten } from "../domain/told-identity.ts";
import type { Registry } from "../ports/registry.ts";
import type { Fleet } from "./fleet.ts";
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

/** Looks there first, and at nobody else while a camera answers there: no password goes anywhere on a message's word against it. */
export async function lookWhereWritten(
  addresses: readonly IpAddress[],
  peers: readonly Identity[],
  verify: (address: IpAddress) => Promise<Verification>,
  note: (evidence: EvidenceRecord) => void,
): Promise<WrittenLook> {
  const judged: JudgedAddress[] = [];
  const evidence = new Map<IpAddress, EvidenceRecord>();
  for (const address of addresses) {
    const verification = await verify(address);
    judged.push(judgedOf(verification));
    evidence.set(address, verification.evidence);
    if (verification.verdict === "verified") break;
    note(verification.evidence);
  }
  const decision = decideWhereWritten(judged, peers);
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
