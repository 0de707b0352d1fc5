import type { TargetName } from "../ports/config-target.ts";
import { Approvals, type ApprovalsPorts } from "./approvals.ts";
import { Holds } from "./holds.ts";
import { Leases } from "./leases.ts";
import { OpenChanges } from "./open-changes.ts";
import { TextMemory, type TextMemoryPorts } from "./text-memory.ts";
import { Turns } from "./turns.ts";
import { Undoing } from "./undoing.ts";

/** What stands between a decision and a document: who may write it, what a person has yet to approve, and what a person refused. */
export interface Consent {
  readonly holds: Holds;
  readonly texts: TextMemory;
  readonly changes: OpenChanges;
  readonly leases: Leases;
  readonly approvals: Approvals;
  readonly turns: Turns<TargetName>;
  readonly undoing: Undoing;
}

export interface ConsentPorts extends ApprovalsPorts, Omit<TextMemoryPorts, "holds"> {
  readonly dryRun: boolean;
  readonly enqueue: (name: TargetName) => void;
}

export function createConsent(ports: ConsentPorts): Consent {
  const holds = new Holds(ports);
  const changes = new OpenChanges(ports);
  const leases = new Leases(ports);
  const approvals = new Approvals(ports);
  const texts = new TextMemory({ ...ports, holds });
  const turns = new Turns<TargetName>(ports.enqueue);
  return { holds, texts, changes, leases, approvals, turns, undoing: new Undoing({ ...ports, holds, leases, changes }) };
}
