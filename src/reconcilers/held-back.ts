import type { DeviceId } from "../domain/camera.ts";
import type { Instant } from "../domain/duration.ts";
import { isHostName } from "../domain/host-name.ts";
import { type Surface, wayOf } from "../domain/next-step.ts";
import type { HoldRecord } from "../ports/consents.ts";
import type { DeviceRecord } from "../ports/registry.ts";

/** The addresses that a device is not to be healed to, the latest first. Names that a person put back are none of them. */
export function heldBack(id: DeviceId, holds: readonly HoldRecord[]): readonly HoldRecord[] {
  return holds.filter(({ device, address }) => device === id && !isHostName(address)).toSorted((one, other) => other.at - one.at);
}

/** When a device was proved at the address that it is taken to have; undefined where it was put back there and not proved since. */
export function provedAt(record: DeviceRecord, [latest]: readonly HoldRecord[]): Instant | undefined {
  const { verifiedAt } = record;
  return verifiedAt === undefined || (latest !== undefined && verifiedAt <= latest.at) ? undefined : verifiedAt;
}

/** `not healed to 192.168.1.77: a person undid the change`; undefined where nothing is held back. */
export function heldWords([latest, ...others]: readonly HoldRecord[]): string | undefined {
  if (latest === undefined) return undefined;
  const addresses = [latest, ...others].map(({ address }) => address).join(", ");
  return `not healed to ${addresses}: ${latest.why === "undone" ? "a person undid the change" : "no video came from there"}`;
}

/** How a person has a device healed there again, as the end of a sentence. */
export function liftWords(camera: DeviceId, surface: Surface): string {
  return `${wayOf({ verb: "resync", camera }, surface)} lifts that`;
}
