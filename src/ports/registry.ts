import type { IpAddress } from "../domain/addresses.ts";
import type { DeviceId, Identity, OwnerName, StreamName } from "../domain/camera.ts";
import type { Instant } from "../domain/duration.ts";
import type { EvidenceRecord } from "../domain/evidence.ts";
import type { DocumentRef } from "../domain/remembered-document.ts";
import type { CertificatePins } from "./certificate-pins.ts";
import type { Consents } from "./consents.ts";
import type { RestartLog } from "./restart-log.ts";

/** What was learned of one device. */
export interface DeviceRecord {
  readonly id: DeviceId;
  /** The names it had in the documents when it was last seen there: keeps its grouping stable. */
  readonly owners: readonly OwnerName[];
  readonly identity: Identity;
  /** The address it was last proved at, and when. */
  readonly address?: IpAddress;
  readonly verifiedAt?: Instant;
  /** Earlier addresses, the latest first; at most ten. */
  readonly history: readonly IpAddress[];
  /** Switches of the last hour, the oldest first; at most fifty. */
  readonly switches: readonly { readonly to: IpAddress; readonly at: Instant }[];
  /** A refused login: none is tried again until the URL (by digest) or the address changes. */
  readonly refusedLogin?: { readonly urlDigest: string; readonly address: IpAddress; readonly at: Instant };
}

/** A stream that was parked because a stranger answers at its address. Stored before it is parked. */
export interface QuarantineRecord {
  /** What the go2rtc is called in the options. */
  readonly server: string;
  /** Its address, without credentials; absent in those of the first releases. */
  readonly place?: string;
  readonly stream: StreamName;
  readonly device: DeviceId;
  /** The sources to put back. Holds credentials: the database has mode 0600. */
  readonly sources: readonly string[];
  readonly at: Instant;
}

/** A write to a document that was begun; open until it is settled. */
export interface ChangeRecord {
  readonly id: number;
  readonly target: string;
  /** Absent in those of the first releases. */
  readonly place?: string;
  readonly before: string;
  readonly after: string;
  readonly at: Instant;
  readonly state: "begun" | "kept" | "restored" | "abandoned";
}

/** A stream that was pointed elsewhere and whose shadow entry in go2rtc's own file is still to be removed. */
export interface ShadowRecord {
  readonly server: string;
  /** As in a quarantine. */
  readonly place?: string;
  readonly stream: StreamName;
}

/** The program's memory. Every call is synchronous, durable when it returns, and atomic. */
export interface Registry extends RestartLog, CertificatePins {
  devices(): readonly DeviceRecord[];
  device(id: DeviceId): DeviceRecord | undefined;
  saveDevice(record: DeviceRecord): void;
  forgetDevice(id: DeviceId): void;
  /** The device is another one: what is remembered of it is this alone, and its evidence is gone; all at once. */
  replaceDevice(record: DeviceRecord): void;
  /** Keeps the newest 1,000 a device. */
  addEvidence(record: EvidenceRecord): number;
  /** The newest first. */
  evidence(device: DeviceId, limit: number): readonly EvidenceRecord[];
  /** The number of the latest record of a proof of the device at the address. */
  evidenceId(device: DeviceId, candidate: IpAddress): number | undefined;
  quarantines(): readonly QuarantineRecord[];
  saveQuarantine(record: QuarantineRecord): void;
  removeQuarantine(server: string, stream: StreamName): void;
  shadows(): readonly ShadowRecord[];
  addShadow(record: ShadowRecord): void;
  removeShadow(record: Pick<ShadowRecord, "server" | "stream">): void;
  /** Quarantines and shadows go by the names that these servers have now (`byPresentServer`); all at once. */
  renameServers(servers: readonly { readonly name: string; readonly place: string }[]): void;
  /** Keeps the newest twenty settled texts a place. */
  beginChange(document: DocumentRef, before: string, after: string, at: Instant): number;
  settleChange(id: number, state: "kept" | "restored" | "abandoned"): void;
  openChanges(): readonly ChangeRecord[];
  readonly consents: Consents;
  close(): void;
}
