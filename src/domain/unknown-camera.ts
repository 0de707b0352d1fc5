import type { Device } from "./camera.ts";
import { nearest } from "./nearest.ts";

/** So many are listed. */
const MOST_LISTED = 20;

/** Why a word names no one camera, with the nearest name. */
export function unknownCamera(camera: string, found: readonly Device[], devices: readonly Device[]): string {
  if (found.length > 1) return `${camera} may be ${found.map(({ id }) => id).join(" or ")}; use the id`;
  const ids = devices.map(({ id }) => id);
  return unknownName(
    camera,
    ids,
    devices.map(({ title }) => title),
  );
}

/**
 * Why a word is no camera's name, with the nearest one.
 * @param known the names that are listed
 * @param others what cameras are called besides
 */
export function unknownName(camera: string, known: readonly string[], others: readonly string[] = []): string {
  if (known.length === 0) return `no camera is called ${camera}: no document names one`;
  const near = nearest(camera, [...known, ...others]);
  const more = known.length > MOST_LISTED ? ` and ${known.length - MOST_LISTED} more` : "";
  const meant = near === undefined ? "." : `; did you mean ${near}?`;
  return `no camera is called ${camera}${meant} Known: ${known.slice(0, MOST_LISTED).join(", ")}${more}`;
}
