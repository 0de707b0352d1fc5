import type { EvidenceRecord, EvidenceStep } from "../domain/evidence.ts";
import type { HostEdit } from "../domain/document.ts";
import { isHostName } from "../domain/host-name.ts";
import type { CameraMove, ChangeNote } from "../ports/config-target.ts";
import type { Registry } from "../ports/registry.ts";
import { devicesOfOwners } from "./document-wishes.ts";
import type { Fleet } from "./fleet.ts";

/** The record of a proof that a change rests on is among the newest. */
const RECENT = 20;

const STEPS: Readonly<Record<EvidenceStep["proof"], string>> = {
  neighbour: "its MAC address",
  connect: "the stream port",
  identity: "its own identity",
  login: "the password",
  frames: "the stream",
};

/** Which cameras a change is about, and what proved it where it is healed: for documents that keep their history. */
export function changeNote(
  kind: ChangeNote["kind"],
  edits: readonly HostEdit[],
  fleet: Fleet,
  registry: Pick<Registry, "evidenceId" | "evidence">,
): ChangeNote {
  const moves = new Map<string, CameraMove>();
  for (const { owners, from, to } of edits) {
    for (const id of devicesOfOwners(fleet, owners)) {
      const device = fleet.devices.find((candidate) => candidate.id === id);
      if (device === undefined) continue;
      // Where a person puts a camera back, nothing proved it.
      const evidence = kind === "undo" || isHostName(to) ? undefined : registry.evidenceId(id, to);
      const proof = evidence === undefined ? "" : proofWords(registry.evidence(id, RECENT), to);
      const move = {
        camera: device.title,
        from,
        to,
        macs: fleet.macsOf(device),
        ...(evidence === undefined ? {} : { evidence }),
        ...(proof === "" ? {} : { proof }),
      };
      moves.set(`${id} ${from} ${to}`, move);
    }
  }
  return { kind, moves: [...moves.values()] };
}

/** What passed, in the order in which it was proved. */
function proofWords(records: readonly EvidenceRecord[], to: string): string {
  const record = records.find(({ candidate, verdict }) => candidate === to && verdict === "verified");
  const passed = (record?.steps ?? []).filter(({ outcome }) => outcome === "passed").map(({ proof }) => STEPS[proof]);
  return [...new Set(passed)].join(", ");
}
