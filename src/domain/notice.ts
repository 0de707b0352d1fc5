import type { IpAddress, MacAddress } from "./addresses.ts";
import type { DeviceId, StreamName } from "./camera.ts";
import type { Duration } from "./duration.ts";
import type { EvidenceRecord } from "./evidence.ts";
import type { HostEdit } from "./document.ts";
import type { Condition } from "./condition.ts";
import type { Layer } from "./sighting.ts";

/** Something that happened and that a person may want to read, as facts: how it is worded is the reader's business. Holds no secret. */
export type Notice =
  | { readonly kind: "layer-up"; readonly layer: Layer }
  | { readonly kind: "layer-down"; readonly layer: Layer; readonly message: string }
  | {
      readonly kind: "learned";
      readonly device: DeviceId;
      readonly address: IpAddress;
      readonly macs: readonly MacAddress[];
      readonly endpoint?: string;
      readonly realm?: string;
    }
  | { readonly kind: "lost"; readonly device: DeviceId; readonly address: IpAddress; readonly message: string }
  | {
      readonly kind: "moved";
      readonly device: DeviceId;
      readonly from: IpAddress | undefined;
      readonly to: IpAddress;
      readonly evidence: EvidenceRecord;
      /** Number of the record in the database. */
      readonly evidenceId?: number;
    }
  | { readonly kind: "refused"; readonly device: DeviceId; readonly evidence: EvidenceRecord }
  | {
      readonly kind: "stream-pointed";
      readonly device: DeviceId;
      readonly server: string;
      readonly stream: StreamName;
      readonly to: IpAddress;
      readonly calls: readonly string[];
      /** Since the sighting. */ readonly after: Duration;
    }
  | {
      readonly kind: "document-written";
      readonly target: string;
      readonly place: string;
      readonly edits: readonly HostEdit[];
      /** Since the sighting; absent where there was none. */ readonly after?: Duration;
    }
  /** The first time that this document was ever written by the program. `diff` has its credentials masked. */
  | { readonly kind: "first-write"; readonly target: string; readonly place: string; readonly diff: string }
  /** A change waits for a person's approval. `diff` has its credentials masked. */
  | {
      readonly kind: "proposed";
      readonly target: string;
      readonly place: string;
      readonly id: string;
      readonly edits: readonly HostEdit[];
      readonly cameras: readonly DeviceId[];
      /** Numbers of the records of the proofs that it rests on. */ readonly evidence: readonly number[];
      readonly diff: string;
    }
  /** A person took a change back. */
  | { readonly kind: "undone"; readonly target: string; readonly place: string; readonly edits: readonly HostEdit[]; readonly diff: string }
  /** The device was switched, and no go2rtc at hand has a stream of it whose frames could be awaited, or none let us watch. */
  | { readonly kind: "unwatched"; readonly device: DeviceId }
  | {
      readonly kind: "frames";
      readonly device: DeviceId;
      readonly stream: StreamName;
      readonly from: IpAddress;
      readonly packets: number;
      readonly after: Duration;
    }
  | { readonly kind: "rolled-back"; readonly target: string; readonly place: string; readonly message: string }
  | {
      readonly kind: "quarantined";
      readonly device: DeviceId;
      readonly address: IpAddress;
      readonly mac: MacAddress | undefined;
      readonly streams: readonly StreamName[];
      readonly exposed: readonly StreamName[];
    }
  | { readonly kind: "released"; readonly device: DeviceId; readonly streams: readonly StreamName[] }
  /** A person said that the camera is gone for good. */
  | { readonly kind: "forgotten"; readonly device: DeviceId }
  | { readonly kind: "frozen"; readonly device: DeviceId; readonly addresses: readonly IpAddress[] }
  | { readonly kind: "condition"; readonly condition: Condition };

export type Tell = (notice: Notice) => void;
