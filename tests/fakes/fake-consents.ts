import type { DeviceId } from "../../src/domain/camera.ts";
import type { Instant } from "../../src/domain/duration.ts";
import type { Host } from "../../src/domain/host-name.ts";
import type { DocumentRef } from "../../src/domain/remembered-document.ts";
import type { Action, ActionResult } from "../../src/ports/actions.ts";
import type { Consents, HoldRecord, ProposalRecord, RequestRecord } from "../../src/ports/consents.ts";
import type { ChangeRecord } from "../../src/ports/registry.ts";

interface Asked extends RequestRecord {
  readonly taken: boolean;
  readonly result?: ActionResult;
}

/** What people said and asked for, in memory, with the bounds of the real one. */
export class FakeConsents implements Consents {
  readonly #kept: { readonly changes: () => readonly ChangeRecord[]; readonly undo: (id: number) => void };
  readonly #proposals = new Map<string, ProposalRecord>();
  readonly #facts = new Map<string, string>();
  #holds: readonly HoldRecord[] = [];
  #requests: readonly Asked[] = [];
  #nextId = 1;

  constructor(kept: { readonly changes: () => readonly ChangeRecord[]; readonly undo: (id: number) => void }) {
    this.#kept = kept;
  }

  proposals(): readonly ProposalRecord[] {
    return [...this.#proposals.values()].toSorted((one, other) => (one.target < other.target ? -1 : 1));
  }

  saveProposal(record: ProposalRecord): void {
    const isSame = (other: ProposalRecord): boolean => other.place !== undefined && other.place === record.place;
    for (const other of this.#proposals.values()) if (isSame(other)) this.#proposals.delete(other.target);
    this.#proposals.set(record.target, structuredClone(record));
  }

  removeProposal(id: string): void {
    for (const one of this.#proposals.values()) if (one.id === id) this.#proposals.delete(one.target);
  }

  holds(): readonly HoldRecord[] {
    const key = ({ device, address }: HoldRecord): string => `${device}\n${address}`;
    return this.#holds.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
  }

  saveHold(record: HoldRecord): void {
    this.removeHold(record.device, record.address);
    this.#holds = [...this.#holds, structuredClone(record)].toSorted((one, other) => one.at - other.at).slice(-100);
  }

  removeHold(device: DeviceId, address: Host): void {
    this.#holds = this.#holds.filter((hold) => hold.device !== device || hold.address !== address);
  }

  settledChanges({ name, place }: DocumentRef): readonly ChangeRecord[] {
    return this.#kept
      .changes()
      .filter((change) => change.state !== "begun" && (change.target === name || (place !== undefined && change.place === place)))
      .toReversed();
  }

  undoneChange(id: number): void {
    this.#kept.undo(id);
  }

  addRequest(action: Action, at: Instant, until: Instant): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#requests = [...this.#requests, { id, action: structuredClone(action), at, until, taken: false }].slice(-100);
    return id;
  }

  openRequests(now: Instant): readonly RequestRecord[] {
    this.#requests = this.#requests.filter(({ taken, until }) => taken || until >= now);
    return this.#requests.filter(({ taken }) => !taken).map(({ id, action, at, until }) => ({ id, action, at, until }));
  }

  takeRequest(id: number): boolean {
    const isOpen = this.#requests.some((request) => request.id === id && !request.taken);
    this.#requests = this.#requests.map((request) => (request.id === id ? { ...request, taken: true } : request));
    return isOpen;
  }

  answerRequest(id: number, result: ActionResult): void {
    this.#requests = this.#requests.map((request) => (request.id === id && request.taken ? { ...request, result } : request));
  }

  answerOf(id: number): ActionResult | undefined {
    return this.#requests.find((request) => request.id === id)?.result;
  }

  removeRequest(id: number): void {
    this.#requests = this.#requests.filter((request) => request.id !== id);
  }

  fact(name: string): string | undefined {
    return this.#facts.get(name);
  }

  saveFact(name: string, value: string): void {
    this.#facts.set(name, value);
  }
}
