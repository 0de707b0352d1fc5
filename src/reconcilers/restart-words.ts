import { formatDuration } from "../domain/duration.ts";
import type { RestartNeed } from "../domain/restart-needs.ts";
import type { RestartDecision, RestartLimits } from "../domain/restart-policy.ts";

/** What is wrong until Frigate starts anew. */
export function usesWords(needs: readonly RestartNeed[]): string {
  const cameras = [...new Set(needs.map(({ camera }) => camera))].join(", ");
  const ptz = needs.every(({ section }) => section === "onvif") ? "for pan, tilt and zoom of" : "for";
  return `Frigate uses the former address ${ptz} ${cameras} until it starts anew`;
}

/** Why it is not restarted yet. @param unsized cameras whose picture size Frigate would have to ask for, and that answer nowhere */
export function whyWords(decision: RestartDecision, unsized: readonly string[], limits: RestartLimits): string {
  if (decision.kind === "now") return "it would be restarted now";
  if (decision.kind === "refuse") return "restarting it is left to you";
  const when = formatDuration(decision.after);
  switch (decision.why) {
    case "quiet":
      return "it is restarted once no camera moves any more";
    case "pause":
      return `it was restarted lately and is not again before ${when} from now`;
    case "day":
      return `it was restarted ${String(limits.aDay)} times within a day and is not again before ${when} from now`;
    case "unsized":
      return `it is not restarted while ${unsized.join(", ")} answers nowhere, because it would take a wrong picture size: set detect.width and detect.height there`;
  }
}

/** That the text before a failed restart is back. */
export function refusedWords(place: string): string {
  return `Frigate at ${place} refused the document with the new addresses; the text before is in use`;
}
