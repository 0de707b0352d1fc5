import type { ConfigTarget } from "../ports/config-target.ts";
import type { Status } from "../ports/status.ts";
import { showLeftAlone } from "./document-notes.ts";
import type { Fleet } from "./fleet.ts";

const WHY = {
  "another-camera": "is, or was, another camera's address too",
  "within-a-word": "stands within a longer number or word",
} as const;

/** Says which places of a document or of another program's text are left alone. @param complete as for the texts */
export function showPlacesLeft(status: Status, target: ConfigTarget, text: string, fleet: Fleet, complete: boolean): void {
  if (target.format.kind === "text") showTextNotes(status, target, text, fleet, complete);
  else showLeftAlone(status, target, fleet);
}

/**
 * Says of another program's text which cameras that it is to follow are not known, and which addresses of a camera are left alone in it.
 * @param complete false while a document cannot be read: then a camera may be named there
 */
function showTextNotes(status: Status, target: ConfigTarget, text: string, fleet: Fleet, complete: boolean): void {
  const unknown = (target.format.follows ?? []).filter((owner) => fleet.deviceOf(owner) === undefined);
  const camera = `target/${target.name}/camera`;
  if (unknown.length === 0) status.clear(camera);
  else if (complete) {
    const names = unknown.map((owner) => owner.slice(7)).join(", ");
    status.set(camera, "problem", "FollowedCameraUnknown", `${target.place} is to follow ${names}, but no camera is called so`);
  }
  const left = target.format
    .read(text)
    .leftAlone.flatMap(({ path, host, why }) =>
      why === "another-camera" || why === "within-a-word" ? [{ place: path.join(", address "), host, why }] : [],
    );
  const [first] = left;
  const subject = `target/${target.name}/left-alone`;
  if (first === undefined) {
    status.clear(subject);
    return;
  }
  const more = left.length === 1 ? "" : ` (and ${String(left.length - 1)} more)`;
  const message = `${target.place}, ${first.place}: ${first.host} ${WHY[first.why]}${more}; it is left alone`;
  status.set(subject, "unknown", "NotRewritable", message);
}
