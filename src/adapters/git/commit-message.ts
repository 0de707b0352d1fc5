import type { CameraMove, ChangeNote } from "../../ports/config-target.ts";

/** A subject of at most 72 characters that names the camera, and one trailer for each that moved or is put back (git-interpret-trailers(1)). */
export function commitMessage(note: ChangeNote | undefined): string {
  const moves = note?.moves ?? [];
  const trailer = note?.kind === "undo" ? "Camera-Put-Back" : "Camera-Moved";
  return [
    subjectOf(note?.kind ?? "heal", moves),
    "",
    ...moves.map((move) => `${trailer}: ${trailerOf(move)}`),
    ...(moves.length === 0 ? [] : [""]),
  ].join("\n");
}

/** At most 72 characters. */
export function subjectOf(kind: ChangeNote["kind"], moves: readonly CameraMove[]): string {
  const type = kind === "heal" ? "fix" : "revert";
  const [only, ...others] = moves;
  if (only === undefined) return `${type}(cameras): put back what was there before`;
  const cameras = new Set(moves.map(({ camera }) => camera));
  const whole = `${type}(cameras): ${only.camera} ${only.from} -> ${only.to}`;
  if (others.length === 0 || cameras.size === 1) return whole.length <= 72 ? whole : `${type}(cameras): ${only.from} -> ${only.to}`;
  return `${type}(cameras): addresses of ${String(cameras.size)} cameras`;
}

function trailerOf({ camera, from, to, macs, evidence }: CameraMove): string {
  const proof = [...macs, ...(evidence === undefined ? [] : [`evidence ${String(evidence)}`])];
  return `${camera} from ${from} to ${to}${proof.length === 0 ? "" : ` (${proof.join(", ")})`}`;
}
