import type { ConfigTarget } from "../ports/config-target.ts";
import type { Status } from "../ports/status.ts";
import { showLeftAlone } from "./document-notes.ts";
import type { Fleet } from "./fleet.ts";
import type { TextMemory } from "./text-memory.ts";

const WHY = {
  "another-camera": "is, or was, another camera's address too",
  "within-a-word": "stands within a longer number or word",
  "another-device":
    "was the camera's address, and is taken for another device's: another device has it now, or it came into the file after the camera had left it",
} as const;

export interface PlacesLeftPorts {
  readonly status: Status;
  readonly fleet: Fleet;
  readonly texts: TextMemory;
  /** False while a document cannot be read: then a camera may be named there. */
  readonly complete: boolean;
}

/** Says which places of a document or of another program's text are left alone. */
export function showPlacesLeft(ports: PlacesLeftPorts, target: ConfigTarget, text: string): void {
  if (target.format.kind === "text") showTextNotes(ports, target, text);
  else showLeftAlone(ports.status, target, ports.fleet);
}

/** Says of another program's text which cameras that it is to follow are not known, and which addresses of a camera are left alone in it. */
function showTextNotes({ status, fleet, texts, complete }: PlacesLeftPorts, target: ConfigTarget, text: string): void {
  const unknown = (target.format.follows ?? []).filter((owner) => fleet.deviceOf(owner) === undefined);
  const camera = `target/${target.name}/camera`;
  if (unknown.length === 0) status.clear(camera);
  else if (complete) {
    const names = unknown.map((owner) => owner.slice(7)).join(", ");
    status.set(camera, "problem", "FollowedCameraUnknown", `${target.place} is to follow ${names}, but no camera is called so`);
  }
  const { leftAlone, occurrences } = target.format.read(text);
  const left = [
    ...leftAlone.flatMap(({ path, host, why }) => (why === "another-camera" || why === "within-a-word" ? [{ path, host, why }] : [])),
    ...occurrences.flatMap((one) =>
      texts.leaves(target.name, one) ? [{ path: one.path, host: one.address, why: "another-device" as const }] : [],
    ),
  ].map(({ path, host, why }) => ({ place: path.join(", address "), host, why }));
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
