import type { MacAddress } from "../domain/addresses.ts";

/** What somebody else knows of a device; each text as it stands there, at most 100 characters. */
export interface KnownDevice {
  /** As a person calls it, or the integration that found it. */
  readonly name?: string;
  readonly manufacturer?: string;
  readonly model?: string;
}

/** Another program's list of devices by MAC address. It may be out of date, and proves nothing. */
export interface KnownDevices {
  /** @throws where it cannot be asked now; the signal's reason when aborted */
  list(signal: AbortSignal): Promise<ReadonlyMap<MacAddress, KnownDevice>>;
}
