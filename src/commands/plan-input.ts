import type { IpAddress } from "../domain/addresses.ts";
import type { Device, DeviceId } from "../domain/camera.ts";
import { devicesCalled } from "../domain/device-names.ts";
import { nearest } from "../domain/nearest.ts";
import type { Assumption } from "./arguments.ts";

export type Resolved =
  | { readonly ok: true; readonly desired: ReadonlyMap<DeviceId, IpAddress>; readonly warnings: readonly string[] }
  /** Bad usage: every problem, and the program ends with 64. */
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Which device each `--assume` means: by its id, then its title or a name of it in the documents (upper and lower case alike), then the address
 * that it has now.
 */
export function resolveAssumptions(assumptions: readonly Assumption[], devices: readonly Device[]): Resolved {
  const desired = new Map<DeviceId, IpAddress>();
  const problems: string[] = [];
  for (const { camera, address } of assumptions) {
    const found = devicesCalled(camera, devices);
    const [device, ...others] = found;
    const earlier = device === undefined ? undefined : desired.get(device.id);
    if (device === undefined) problems.push(`--assume ${camera}=${address}: ${unknown(camera, devices)}`);
    else if (others.length > 0)
      problems.push(`--assume ${camera}=${address}: ${camera} may be ${found.map(({ id }) => id).join(" or ")}; use the id`);
    else if (earlier !== undefined && earlier !== address)
      problems.push(`--assume: ${device.title} cannot be at ${earlier} and at ${address}`);
    else desired.set(device.id, address);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, desired, warnings: shared(desired, devices) };
}

function unknown(camera: string, devices: readonly Device[]): string {
  if (devices.length === 0) return "no camera is known here: no document names one";
  const near = nearest(
    camera,
    devices.flatMap((device) => [device.id, device.title]),
  );
  const known = devices.slice(0, 20).map((device) => `${device.id} (${device.addresses.join(", ") || "no address"})`);
  const more = devices.length > known.length ? ` and ${devices.length - known.length} more` : "";
  return `no camera has that id, name or address${near === undefined ? "" : `; did you mean ${near}?`} Known: ${known.join(", ")}${more}`;
}

/** Addresses that two devices would have then. */
function shared(desired: ReadonlyMap<DeviceId, IpAddress>, devices: readonly Device[]): readonly string[] {
  const holders = new Map<IpAddress, string[]>();
  for (const device of devices) {
    const own = desired.get(device.id);
    for (const address of new Set(own === undefined ? device.addresses : [own]))
      holders.set(address, [...(holders.get(address) ?? []), device.title]);
  }
  return [...holders].flatMap(([address, titles]) => {
    const concerned = titles.length > 1 && [...desired.values()].includes(address);
    return concerned ? [`${titles.join(" and ")} would both be at ${address}`] : [];
  });
}
