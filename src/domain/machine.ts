import type { MacAddress } from "./addresses.ts";

/** What tells one machine from another. */
export interface Machine {
  /** A digest of the machine's own id; absent where it has none (many containers). */
  readonly id?: string;
  /** MAC addresses that its interfaces were made with. */
  readonly macs: readonly MacAddress[];
}

/**
 * Whether a memory that was made on `before` is still at home on `now`. Only clear signs count: a container that is made anew has neither an id nor an interface of
 * its own, and is taken to be the same.
 */
export function isOtherMachine(before: Machine, now: Machine): boolean {
  if (now.macs.some((mac) => before.macs.includes(mac))) return false;
  if (before.id !== undefined && now.id !== undefined) return before.id !== now.id;
  return before.macs.length > 0 && now.macs.length > 0;
}
