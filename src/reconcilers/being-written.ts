import type { DeviceId } from "../domain/camera.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { Consent } from "./consent.ts";
import { devicesOfOwners, wantedAt } from "./document-wishes.ts";
import type { Fleet } from "./fleet.ts";

export interface BeingWrittenPorts extends Pick<Consent, "holds" | "texts" | "approvals" | "leases"> {
  readonly fleet: Fleet;
  readonly registry: Registry;
  readonly status: Pick<Status, "get">;
}

/** Whether a document is still to get the device's address, and will at once: not one that waits for a person, is another copy's, or cannot be written. */
export function isBeingWritten(ports: BeingWrittenPorts, id: DeviceId): boolean {
  const { fleet, registry, status, holds, texts, approvals, leases } = ports;
  return fleet.documents.some(({ target: { name }, reading }) => {
    if (approvals.proposed(name) !== undefined || leases.isForeign(name) || status.get(`target/${name}`)?.status === "problem")
      return false;
    return reading.occurrences.some(
      (one) =>
        devicesOfOwners(fleet, one.owners).includes(id) && !texts.leaves(name, one) && wantedAt(fleet, registry, holds, one) !== undefined,
    );
  });
}
