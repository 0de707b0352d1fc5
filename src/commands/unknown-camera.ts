import { nearest } from "../config/nearest.ts";
import type { Device } from "../domain/camera.ts";

/** Why a word names no one camera, with the nearest name. */
export function unknownCamera(camera: string, found: readonly Device[], devices: readonly Device[]): string {
  if (found.length > 1) return `${camera} may be ${found.map(({ id }) => id).join(" or ")}; use the id`;
  if (devices.length === 0) return `no camera is called ${camera}: no document names one`;
  const near = nearest(
    camera,
    devices.flatMap((device) => [device.id, device.title]),
  );
  const known = devices.slice(0, 20).map(({ id }) => id);
  const more = devices.length > known.length ? ` and ${devices.length - known.length} more` : "";
  return `no camera is called ${camera}${near === undefined ? "" : `; did you mean ${near}?`} Known: ${known.join(", ")}${more}`;
}
