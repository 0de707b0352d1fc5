import type { TargetName } from "../ports/config-target.ts";
import { Approvals, type ApprovalsPorts } from "./approvals.ts";
import { Holds } from "./holds.ts";
import { Leases } from "./leases.ts";
import { OpenChanges } from "./open-changes.ts";
import { Turns } from "./turns.ts";
import { Undoing } from "./undoing.ts";

/** What stands between a decision and a document: who may write it, what a person has yet to approve, and what a person refused. */
export interface Consent {
  readonly holds: Holds;
  readonly changes: OpenChanges;
  readonly leases: Leases;
  readonly approvals: Approvals;
  readonly turns: Turns<TargetName>;
  readonly undoing: Undoing;
}

export function createConsent(ports: ApprovalsPorts & { readonly dryRun: boolean; readonly enqueue: (name: TargetName) => void }): Consent {
  const holds = new Holds(ports);
  const changes = new OpenChanges(ports);
  const leases = new Leases(ports);
  const approvals = new Approvals(ports);
  const turns = new Turns<TargetName>(ports.enqueue);
  return { holds, changes, leases, approvals, turns, undoing: new Undoing({ ...ports, holds, leases, changes }) };
}
