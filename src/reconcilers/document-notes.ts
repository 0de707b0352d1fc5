import type { ConfiguredStream } from "../domain/camera.ts";
import { type HostEdit, hostOf, type Rewrite } from "../domain/document.ts";
import { isHostName } from "../domain/host-name.ts";
import type { ConfigTarget } from "../ports/config-target.ts";
import type { Status } from "../ports/status.ts";
import { devicesOfOwners } from "./document-wishes.ts";
import type { Fleet } from "./fleet.ts";

/** Says which places of a document name a camera and cannot be rewritten, so that a person knows before the camera moves. */
export function showLeftAlone(status: Status, target: ConfigTarget, fleet: Fleet): void {
  const stuck = fleet.documents
    .filter((document) => document.target.name === target.name)
    .flatMap(({ reading }) => reading.leftAlone.filter((left) => left.why === "placeholder" || left.why === "not-rewritable"));
  const subject = `target/${target.name}/left-alone`;
  const [first] = stuck;
  if (first === undefined) {
    status.clear(subject);
    return;
  }
  const where = first.variable === undefined ? "" : ` (variable ${first.variable})`;
  const more = stuck.length === 1 ? "" : ` and ${String(stuck.length - 1)} more`;
  const message = `${target.place}: ${first.path.join(".")}${where}${more} cannot be rewritten here; edit it by hand when the camera moves`;
  status.set(subject, "unknown", "NotRewritable", message);
}

/** Frigate reads some places only when it starts: where such a place was changed, a condition asks for the restart. A Frigate that `isAsked` tells by itself what it needs. */
export function askForRestart(status: Status, target: ConfigTarget, edits: readonly HostEdit[], fleet: Fleet, isAsked: boolean): void {
  if (target.format.kind !== "frigate" || isAsked) return;
  // What Frigate runs with reaches a camera that has not moved by its name as well.
  const hasMoved = ({ from, owners }: HostEdit): boolean =>
    !isHostName(from) || devicesOfOwners(fleet, owners).some((id) => fleet.settled(id)?.previous !== undefined);
  const camerasWith = (part: string): string => {
    const found = edits.filter(hasMoved).filter((edit) => edit.path[0] === "cameras" && edit.path[2] === part);
    return [...new Set(found.map((edit) => String(edit.path[1])))].join(", ");
  };
  const [inputs, onvif] = [camerasWith("ffmpeg"), camerasWith("onvif")];
  const subject = `target/${target.name}/restart`;
  if (inputs !== "") {
    const message = `Frigate reads ${inputs} directly and uses the new address only after a restart`;
    status.set(subject, "problem", "RestartNeeded", message);
  } else if (onvif !== "" && status.get(subject)?.status !== "problem") {
    const message = `pan, tilt and zoom of ${onvif} use the new address after Frigate's next restart; pictures flow already`;
    status.set(subject, "unknown", "RestartNeeded", message);
  }
}

/** Whether a stream with these sources may be pointed through go2rtc's API: no placeholder that is unknown here, nothing that it refuses. */
export function mayBeSent(sources: ConfiguredStream["sources"]): boolean {
  return sources.every((source) => source.resolved !== undefined && source.refusedByApi === undefined);
}

/** The edits as against the text that was there: go2rtc may have made some of them already. */
export function editsOf(target: ConfigTarget, before: string, rewrite: Rewrite): readonly HostEdit[] {
  const key = (path: HostEdit["path"], host: string): string => `${path.join("\u0000")} ${host}`;
  const there = new Set(target.format.read(before).occurrences.map((occurrence) => key(occurrence.path, hostOf(occurrence))));
  return rewrite.edits.filter((edit) => there.has(key(edit.path, edit.from)));
}
