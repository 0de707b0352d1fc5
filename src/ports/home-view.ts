import type { IpAddress, MacAddress } from "../domain/addresses.ts";
import type { DeviceId, OwnerName, StreamName } from "../domain/camera.ts";
import type { Condition } from "../domain/condition.ts";
import type { Duration, Instant } from "../domain/duration.ts";
import type { EvidenceRecord } from "../domain/evidence.ts";

/** A camera as pages show it. */
export interface CameraView {
  readonly id: DeviceId;
  readonly title: string;
  readonly owners: readonly OwnerName[];
  readonly streams: readonly StreamName[];
  /** As the documents have it. */
  readonly configured: readonly IpAddress[];
  /** Where it is taken to be; `proved` tells whether that was proved since the program started. */
  readonly address?: IpAddress;
  readonly proved: boolean;
  readonly verifiedAt?: Instant;
  /** Earlier addresses, the latest first. */
  readonly history: readonly IpAddress[];
  readonly macs: readonly MacAddress[];
  /** When it was last switched to another address. */
  readonly lastMove?: Instant;
  /** How far its clock is ahead of ours, at the last look. */
  readonly clockOffset?: Duration;
  /** Frames a second, of a camera of which Frigate is asked. */
  readonly fps?: number;
  /** Of its liveliest stream, kbit/s; only a change that matters changes it. */
  readonly bitRate?: number;
  readonly endpoint?: string;
  readonly realm?: string;
  /** False where it is not where it was proved, or one of its streams delivers no video. */
  readonly connected: boolean;
  /** Of the camera and of its streams. */
  readonly conditions: readonly Condition[];
}

/** A camera that is in no configuration any more. */
export interface GoneCamera {
  readonly id: DeviceId;
  readonly macs: readonly MacAddress[];
  /** When it was last proved. */
  readonly verifiedAt?: Instant;
}

/** Why the program is not ready yet. */
export interface NotReady {
  readonly subject: string;
  readonly reason: string;
  readonly message: string;
}

/** A change to a document as pages show it: of the texts only the difference, credentials masked. */
export interface ChangeView {
  readonly target: string;
  readonly at: Instant;
  readonly diff: string;
}

/** A change that waits for a person. */
export interface ProposalView extends ChangeView {
  readonly id: string;
  readonly cameras: readonly DeviceId[];
}

/** A change that was written. */
export interface WrittenView extends ChangeView {
  readonly id: number;
  readonly state: string;
}

/** What others may see of the running program. Reads what is known and asks nothing of the network. Holds no credential. */
export interface HomeView {
  /** True once every document could be read: only then is a camera that is not there really gone. */
  isComplete(): boolean;
  /** When somebody last asked for everything, or for one camera, to be looked at. */
  resyncedAt(): Instant | undefined;
  /** Empty once every document was read and every camera was looked at. */
  notReady(): readonly NotReady[];
  conditions(): readonly Condition[];
  cameras(): readonly CameraView[];
  /** The camera that a condition of this subject belongs to. */
  ownerOf(subject: string): DeviceId | undefined;
  /** By id, title, name in a document or address; undefined where none or several are called so. */
  camera(word: string): CameraView | undefined;
  /** Cameras that something was learned of and that no document has any more, at most a hundred; none while a document was not read. */
  gone(): readonly GoneCamera[];
  /** The newest first. */
  evidence(id: DeviceId, limit: number): readonly EvidenceRecord[];
  proposals(): readonly ProposalView[];
  /** The same without their differences. */
  pending(): readonly Pick<ProposalView, "id" | "target" | "cameras">[];
  /** Those of every document, the newest first, at most so many. */
  changes(limit: number): readonly WrittenView[];
}
