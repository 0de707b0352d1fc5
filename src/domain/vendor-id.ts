import type { MacAddress } from "./addresses.ts";

/** Makers whose devices say without a password which one they are. */
export const MAKERS = ["reolink", "tplink"] as const;

export type Maker = (typeof MAKERS)[number];

/** A maker's own number for one device, such as `reolink:9527000ABCDEF123`. Copyable, and no secret. */
export type VendorUid = `${Maker}:${string}`;

/** What a device told of itself by its maker's discovery. */
export interface VendorAnswer {
  readonly uid: VendorUid;
  /** A MAC address that it says is its own. */
  readonly mac?: MacAddress;
}

/**
 * A number as it is compared and stored: upper case, of letters, digits and hyphens.
 * @returns undefined where it is too short, too long or of one digit throughout, as firmwares without one send
 */
export function vendorUid(maker: Maker, text: string | undefined): VendorUid | undefined {
  const trimmed = (text ?? "").trim().toUpperCase();
  if (!/^[0-9A-Z-]{8,64}$/.test(trimmed) || /^(.)\1*$/.test(trimmed)) return undefined;
  return `${maker}:${trimmed}`;
}

/** Who is to be asked for a number that was learned; every maker where none was. */
export function makersOf(uid: string | undefined): readonly Maker[] {
  return uid === undefined ? MAKERS : MAKERS.filter((maker) => uid.startsWith(`${maker}:`));
}
