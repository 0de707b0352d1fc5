import { type IpAddress, isHostAddress, type MacAddress, parseIp, parseMac } from "../../domain/addresses.ts";
import type { Instant } from "../../domain/duration.ts";
import { MAKERS, type VendorUid, vendorUid } from "../../domain/vendor-id.ts";
import type { DeviceRecord } from "../../ports/registry.ts";

/** Where another copy of the program has proved a camera. It is believed nothing: each of these is a place to look, by what names the device. */
export interface ToldBinding {
  /** Which installation says so. */
  readonly origin: string;
  readonly address: IpAddress;
  readonly macs: readonly MacAddress[];
  readonly endpoint?: string;
  readonly uid?: VendorUid;
}

const MOST_MACS = 16;

/** What is published of a proved device at `BASE/CAMERA/binding`; undefined where it was never proved. `at` is left out where the text is compared. */
export function bindingText(record: DeviceRecord, origin: string, name: string, at?: Instant): string | undefined {
  const { identity, address } = record;
  if (address === undefined) return undefined;
  const { macs, endpoint, uid } = identity;
  return JSON.stringify({
    origin,
    camera: record.id,
    name,
    address,
    macs: macs.slice(0, MOST_MACS),
    endpoint,
    uid,
    ...(at === undefined ? {} : { verified_at: new Date(at).toISOString() }),
  });
}

/** Reads what somebody published there; undefined where it is not a binding or names no device. */
export function readBinding(payload: Uint8Array): ToldBinding | undefined {
  const told = parsed(payload);
  const origin = textOf(told["origin"]);
  const address = parseIp(textOf(told["address"]) ?? "");
  if (origin === undefined || address === undefined || !isHostAddress(address)) return undefined;
  const listed: readonly unknown[] = Array.isArray(told["macs"]) ? told["macs"].slice(0, MOST_MACS) : [];
  const macs = listed.flatMap((one) => parseMac(textOf(one) ?? "") ?? []);
  const endpoint = textOf(told["endpoint"]);
  const uid = uidOf(textOf(told["uid"]));
  if (macs.length === 0 && endpoint === undefined && uid === undefined) return undefined;
  return { origin, address, macs, ...(endpoint === undefined ? {} : { endpoint }), ...(uid === undefined ? {} : { uid }) };
}

function parsed(payload: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(payload));
    return typeof json === "object" && json !== null ? Object.fromEntries(Object.entries(json)) : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= 256 ? value : undefined;
}

function uidOf(text: string | undefined): VendorUid | undefined {
  const maker = MAKERS.find((one) => text?.startsWith(`${one}:`) === true);
  return maker === undefined ? undefined : vendorUid(maker, text?.slice(maker.length + 1));
}
