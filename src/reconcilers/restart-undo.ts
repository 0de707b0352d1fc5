import type { ConfigTarget } from "../ports/config-target.ts";
import type { Registry } from "../ports/registry.ts";
import type { RestartLog, RestartRecord } from "../ports/restart-log.ts";
import type { Status } from "../ports/status.ts";
import { changeNote } from "./change-notes.ts";
import type { Fleet } from "./fleet.ts";
import { changesOf } from "./remembered.ts";
import { editsBetween } from "./undoing.ts";

/** What was put back: whose addresses, for a person. */
export interface Restored {
  /** `front 192.168.1.77 → 192.168.1.50`, each camera once. */
  readonly moves: string;
}

/**
 * Puts the text before a failed restart back, only while the document still holds exactly what Frigate was restarted for. The change counts as undone then,
 * and a document that keeps its history names the cameras.
 * @returns undefined where somebody has edited it since: it is left as it is
 * @throws TargetError
 */
export async function putBack(
  target: ConfigTarget,
  { texts }: RestartRecord,
  { fleet, registry }: { readonly fleet: Fleet; readonly registry: Registry },
  signal: AbortSignal,
): Promise<Restored | undefined> {
  const { text, revision } = await target.read(signal);
  if (texts === undefined || (text !== texts.before && text !== texts.after)) return undefined;
  const { before, after } = texts;
  const note = changeNote("undo", editsBetween(target.format.read(after), target.format.read(before)), fleet, registry);
  // A run that was killed in between has restored it already.
  if (text !== before) {
    const outcome = await target.write(before, revision, signal, note);
    if (outcome.kind !== "written") return undefined;
    fleet.adopt(target, before, outcome.revision);
  }
  const { consents } = registry;
  for (const change of changesOf(consents, target, fleet.targets))
    if (change.state === "kept" && change.before === before && change.after === after) consents.undoneChange(change.id);
  return { moves: [...new Set(note.moves.map(({ camera, from, to }) => `${camera} ${from} → ${to}`))].join(", ") };
}

/** Whether Frigate would not start with this text, when it was restarted last: then it is not written again, and that is said. */
export function isRefused(log: RestartLog, status: Status, target: ConfigTarget, text: string): boolean {
  const [latest, before] = log.restarts(target);
  const failed = latest?.kind === "restoring" ? before : latest;
  if (failed?.state !== "safe-mode" || failed.texts?.after !== text) return false;
  const message = `Frigate would not start with the new addresses in ${target.place}, whose former text was put back`;
  status.set(`target/${target.name}`, "problem", "RestartRolledBack", message);
  return true;
}
