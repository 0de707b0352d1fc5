import type { Device, Identity } from "../domain/camera.ts";

/** What other copies of the program know of the devices here. */
export interface ToldIdentities {
  /** What one is known by elsewhere; undefined where nobody tells of it, or where two tell different things. Proves nothing: the device has to say it itself. */
  of(device: Pick<Device, "id" | "owners">): Identity | undefined;
  /** What was told earlier may still be on its way: a device of which nothing is known here waits for it. */
  isComing(): boolean;
}
