import type { IpAddress } from "./addresses.ts";
import type { DeviceId } from "./camera.ts";
import type { Duration, Instant } from "./duration.ts";
import type { Layer } from "./sighting.ts";

/** One step of a proof and what came of it, in words that hold no secret. */
export interface EvidenceStep {
  readonly proof: "neighbour" | "connect" | "identity" | "login" | "frames";
  readonly outcome: "passed" | "failed" | "skipped";
  readonly detail: string;
  /** From the start of the verification. */
  readonly after: Duration;
}

/** Why an address was accepted or refused for a device. Written for each decision and kept. */
export interface EvidenceRecord {
  readonly device: DeviceId;
  readonly candidate: IpAddress;
  readonly layer: Layer;
  readonly at: Instant;
  readonly took: Duration;
  readonly verdict: "verified" | "rejected" | "kept" | "frozen" | "quarantined";
  /** A code of the table in `reasons.ts`. */
  readonly reason: string;
  readonly steps: readonly EvidenceStep[];
  readonly hostName?: string;
}
