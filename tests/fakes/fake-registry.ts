import type { DeviceId, StreamName } from "../../src/domain/camera.ts";
import type { Instant } from "../../src/domain/duration.ts";
import type { EvidenceRecord } from "../../src/domain/evidence.ts";
import type { DocumentRef } from "../../src/domain/remembered-document.ts";
import type { RestartRecord } from "../../src/ports/restart-log.ts";
import type { IpAddress } from "../../src/domain/addresses.ts";
import { byPresentServer } from "../../src/domain/server-records.ts";
import type { ChangeRecord, DeviceRecord, QuarantineRecord, Registry, ShadowRecord } from "../../src/ports/registry.ts";
import { FakeConsents } from "./fake-consents.ts";

/** The program's memory in memory, with the bounds of the real one. It outlives `close`, as a file does: hand it to the next program. */
export class FakeRegistry implements Registry {
  readonly #devices = new Map<DeviceId, DeviceRecord>();
  readonly #quarantines = new Map<string, QuarantineRecord>();
  readonly #shadows = new Map<string, ShadowRecord>();
  #evidence: { readonly id: number; readonly record: EvidenceRecord }[] = [];
  #changes: ChangeRecord[] = [];
  #restarts: RestartRecord[] = [];
  readonly #certificates = new Map<string, string>();
  #nextId = 1;
  readonly consents = new FakeConsents({
    changes: () => this.#changes,
    undo: (id) => {
      this.#changes = this.#changes.map((change) =>
        change.id === id && change.state === "kept" ? { ...change, state: "restored" } : change,
      );
    },
  });
  /** How often each kind of record was written, by kind and device: what wears a memory card out. */
  readonly writes = new Map<string, number>();

  /** Every change that is still kept, settled ones too, the oldest first. */
  get changes(): readonly ChangeRecord[] {
    return this.#changes;
  }

  devices(): readonly DeviceRecord[] {
    return sortedBy([...this.#devices.values()], (record) => record.id);
  }

  device(id: DeviceId): DeviceRecord | undefined {
    return this.#devices.get(id);
  }

  saveDevice(record: DeviceRecord): void {
    this.#count("device", record.id);
    const bounded = { ...record, history: record.history.slice(0, 10), switches: record.switches.slice(-50) };
    this.#devices.set(record.id, structuredClone(bounded));
  }

  forgetDevice(id: DeviceId): void {
    this.#devices.delete(id);
    this.#evidence = this.#evidence.filter(({ record }) => record.device !== id);
  }

  replaceDevice(record: DeviceRecord): void {
    this.saveDevice(record);
    this.#evidence = this.#evidence.filter((one) => one.record.device !== record.id);
  }

  addEvidence(record: EvidenceRecord): number {
    this.#count("evidence", record.device);
    const id = this.#takeId();
    this.#evidence.push({ id, record: structuredClone(record) });
    const mine = this.#evidence.filter((other) => other.record.device === record.device);
    const oldest = mine.at(-1000)?.id ?? 0;
    this.#evidence = this.#evidence.filter((other) => other.record.device !== record.device || other.id >= oldest);
    return id;
  }

  evidence(device: DeviceId, limit: number): readonly EvidenceRecord[] {
    const mine = this.#evidence.filter(({ record }) => record.device === device).map(({ record }) => record);
    return mine.toReversed().slice(0, Math.max(0, Math.trunc(limit)));
  }

  evidenceId(device: DeviceId, candidate: IpAddress): number | undefined {
    const mine = this.#evidence.filter(({ record }) => record.device === device && record.candidate === candidate);
    return mine.findLast(({ record }) => record.verdict === "verified")?.id;
  }

  quarantines(): readonly QuarantineRecord[] {
    return sortedBy([...this.#quarantines.values()], place);
  }

  saveQuarantine(record: QuarantineRecord): void {
    this.#quarantines.set(place(record), structuredClone(record));
  }

  removeQuarantine(server: string, stream: StreamName): void {
    this.#quarantines.delete(place({ server, stream }));
  }

  shadows(): readonly ShadowRecord[] {
    return sortedBy([...this.#shadows.values()], place);
  }

  addShadow(record: ShadowRecord): void {
    this.#shadows.set(place(record), structuredClone(record));
  }

  removeShadow(record: Pick<ShadowRecord, "server" | "stream">): void {
    this.#shadows.delete(place(record));
  }

  renameServers(servers: readonly { readonly name: string; readonly place: string }[]): void {
    const [quarantines, shadows] = [byPresentServer(this.quarantines(), servers), byPresentServer(this.shadows(), servers)];
    this.#quarantines.clear();
    this.#shadows.clear();
    for (const record of quarantines) this.saveQuarantine(record);
    for (const record of shadows) this.addShadow(record);
  }

  beginChange({ name, place }: DocumentRef, before: string, after: string, at: Instant): number {
    this.#count("change", name);
    const id = this.#takeId();
    this.#changes.push({ id, target: name, ...(place === undefined ? {} : { place }), before, after, at, state: "begun" });
    return id;
  }

  settleChange(id: number, state: "kept" | "restored" | "abandoned"): void {
    const change = this.#changes.find((other) => other.id === id);
    if (change?.state !== "begun") return;
    const isEmpty = change.before === change.after;
    this.#changes = this.#changes.flatMap((other) => (other !== change ? [other] : isEmpty ? [] : [{ ...change, state }]));
    const key = (one: ChangeRecord): string => one.place ?? one.target;
    const settled = this.#changes.filter((other) => key(other) === key(change) && other.state !== "begun");
    const gone = new Set(settled.slice(0, -20).map((other) => other.id));
    this.#changes = this.#changes.filter((other) => !gone.has(other.id));
  }

  openChanges(): readonly ChangeRecord[] {
    return this.#changes.filter((change) => change.state === "begun");
  }

  certificates(): ReadonlyMap<string, string> {
    return new Map([...this.#certificates].toSorted(([one], [other]) => one.localeCompare(other)));
  }

  saveCertificate(place: string, fingerprint: string): void {
    this.#certificates.set(place, fingerprint);
  }

  restarts({ name, place }: DocumentRef): readonly RestartRecord[] {
    const isOf = (record: RestartRecord): boolean =>
      record.place === undefined || place === undefined ? record.target === name : record.place === place;
    return this.#restarts.filter(isOf).toReversed();
  }

  beginRestart({ name, place }: DocumentRef, kind: RestartRecord["kind"], at: Instant, texts?: RestartRecord["texts"]): number {
    const id = this.#takeId();
    const where = place === undefined ? {} : { place };
    this.#restarts.push({ id, target: name, ...where, kind, at, state: "called", ...(texts === undefined ? {} : { texts }) });
    const gone = new Set(this.restarts({ name, ...where }).slice(100));
    this.#restarts = this.#restarts.filter((record) => !gone.has(record));
    return id;
  }

  settleRestart(id: number, state: "up" | "safe-mode"): void {
    this.#restarts = this.#restarts.map((record) => {
      if (record.id !== id) return record;
      const { texts, ...rest } = record;
      return texts === undefined || state === "up" ? { ...rest, state } : { ...rest, texts, state };
    });
  }

  close(): void {}

  #count(kind: "device" | "evidence" | "change", of: string): void {
    this.writes.set(`${kind} ${of}`, (this.writes.get(`${kind} ${of}`) ?? 0) + 1);
  }

  #takeId(): number {
    this.#nextId += 1;
    return this.#nextId - 1;
  }
}

function place(record: { readonly server: string; readonly stream: StreamName }): string {
  return `${record.server}\n${record.stream}`;
}

function sortedBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  return items.toSorted((left, right) => (key(left) < key(right) ? -1 : Number(key(left) > key(right))));
}
