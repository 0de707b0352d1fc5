import type { HostEdit } from "../domain/document.ts";
import { isHostName } from "../domain/host-name.ts";
import type { CameraMove, ChangeNote } from "../ports/config-target.ts";
import type { Registry } from "../ports/registry.ts";
import { devicesOfOwners } from "./document-wishes.ts";
import type { Fleet } from "./fleet.ts";

/** Which cameras a change is about, and what proved it: for documents that keep their history. */
export function changeNote(
  kind: ChangeNote["kind"],
  edits: readonly HostEdit[],
  fleet: Fleet,
  registry: Pick<Registry, "evidenceId">,
): ChangeNote {
  const moves = new Map<string, CameraMove>();
  for (const { owners, from, to } of edits) {
    for (const id of devicesOfOwners(fleet, owners)) {
      const device = fleet.devices.find((candidate) => candidate.id === id);
      if (device === undefined) continue;
      const evidence = isHostName(to) ? undefined : registry.evidenceId(id, to);
      const move = { camera: device.title, from, to, macs: fleet.macsOf(device), ...(evidence === undefined ? {} : { evidence }) };
      moves.set(`${id} ${from} ${to}`, move);
    }
  }
  return { kind, moves: [...moves.values()] };
}
