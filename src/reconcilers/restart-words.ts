import { formatDuration, seconds } from "../domain/duration.ts";
import type { RestartNeed } from "../domain/restart-needs.ts";
import type { RestartDecision, RestartLimits } from "../domain/restart-policy.ts";
import type { RunningFrigate, RunningState } from "../ports/running-frigate.ts";
import { Waiting } from "../runtime/outcome.ts";
import type { RefusedRestart } from "./refused-restarts.ts";

/** What is wrong until Frigate starts anew. */
export function usesWords(needs: readonly RestartNeed[]): string {
  const cameras = [...new Set(needs.map(({ camera }) => camera))].join(", ");
  const ptz = needs.every(({ section }) => section === "onvif") ? "for pan, tilt and zoom of" : "for";
  const what = needs.every(({ name }) => name !== undefined) ? "the host name, which was replaced," : "the former address";
  const who = needs.every(({ section }) => section === "stream") ? "Frigate's go2rtc" : "Frigate";
  return `${who} uses ${what} ${ptz} ${cameras} until it starts anew`;
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

/** That the text before a failed restart is back. @param failed why it did not come up, in words that follow its place */
export function refusedWords(place: string, failed: string | undefined): string {
  const what = failed === undefined ? "refused the document with the new addresses" : `${failed}: that was with the new addresses`;
  return `Frigate at ${place} ${what}; the text before is in use`;
}

/** A restart that was refused, and how it goes on. */
export function askedAgainWords({ message, left }: RefusedRestart): string {
  return left <= 0 ? message : `${message}; it is asked for again in ${formatDuration(left)}`;
}

/** It runs without cameras, or not at all. It is not restarted for that, which may be what made it so. */
export function notUp({ place }: RunningFrigate, { failed }: RunningState): Waiting {
  return failed === undefined
    ? new Waiting("FrigateSafeMode", seconds(30), `Frigate at ${place} runs in safe mode: its document is not valid to it`)
    : new Waiting("FrigateNotUp", seconds(30), `Frigate at ${place} ${failed}`);
}
