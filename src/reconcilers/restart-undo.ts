import type { ConfigTarget } from "../ports/config-target.ts";
import type { RestartLog, RestartRecord } from "../ports/restart-log.ts";
import type { Status } from "../ports/status.ts";
import type { Fleet } from "./fleet.ts";

/**
 * Puts the text before a failed restart back, only while the document still holds exactly what Frigate was restarted for.
 * @returns `foreign` where somebody has edited it since: it is left as it is
 * @throws TargetError
 */
export async function putBack(
  target: ConfigTarget,
  { texts }: RestartRecord,
  fleet: Fleet,
  signal: AbortSignal,
): Promise<"restored" | "foreign"> {
  const { text, revision } = await target.read(signal);
  if (texts === undefined) return "foreign";
  // A run that was killed in between has restored it already.
  if (text === texts.before) return "restored";
  if (text !== texts.after) return "foreign";
  const outcome = await target.write(texts.before, revision, signal, { kind: "undo", moves: [] });
  if (outcome.kind !== "written") return "foreign";
  fleet.adopt(target, texts.before, outcome.revision);
  return "restored";
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
