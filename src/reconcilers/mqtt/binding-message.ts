import { type IpAddress, isHostAddress, type MacAddress, parseIp, parseMac } from "../../domain/addresses.ts";
import type { OwnerName } from "../../domain/camera.ts";
import type { Instant } from "../../domain/duration.ts";
import { list, plain, readJson } from "../../domain/plain.ts";
import type { ToldIdentity } from "../../domain/told-identity.ts";
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
  /** What the camera is known by there; absent where the message does not tell all of it, as those of earlier releases. */
  readonly identity?: ToldIdentity;
}

/** Of the message; one of another version means something else, and is not taken. */
const VERSION = 1;
const MOST_MACS = 16;
const MOST_OWNERS = 32;
/** Longer than any that is published. */
const LONGEST = 32 * 1024;
const OWNER = /^(?:camera|stream):/;

/** What is published of a proved device at `BASE/CAMERA/binding`; undefined where it was never proved. `at` is left out where the text is compared. */
export function bindingText(record: DeviceRecord, origin: string, name: string, at?: Instant): string | undefined {
  const { identity, address, owners } = record;
  if (address === undefined) return undefined;
  const { macs, toldMacs, endpoint, realm, uid, shared } = identity;
  return JSON.stringify({
    version: VERSION,
    origin,
    camera: record.id,
    name,
    names: owners.filter(isShort).slice(0, MOST_OWNERS),
    address,
    macs: macs.slice(0, MOST_MACS),
    told_macs: toldMacs,
    endpoint,
    uid,
    realm,
    shared,
    ...(at === undefined ? {} : { verified_at: new Date(at).toISOString() }),
  });
}

/** Reads what somebody published there; undefined where it is not a binding of a version that is known here, or names no device. */
export function readBinding(payload: Uint8Array): ToldBinding | undefined {
  if (payload.length > LONGEST) return undefined;
  const told = plain(readJson(new TextDecoder().decode(payload)));
  const version = told["version"];
  if (version !== undefined && version !== VERSION) return undefined;
  const origin = textOf(told["origin"]);
  const address = parseIp(textOf(told["address"]) ?? "");
  if (origin === undefined || address === undefined || !isHostAddress(address)) return undefined;
  const macs = macsOf(told["macs"]);
  const endpoint = textOf(told["endpoint"]);
  const uid = uidOf(textOf(told["uid"]));
  if (macs.length === 0 && endpoint === undefined && uid === undefined) return undefined;
  const named = { ...(endpoint === undefined ? {} : { endpoint }), ...(uid === undefined ? {} : { uid }) };
  const camera = textOf(told["camera"]);
  if (version === undefined || camera === undefined) return { origin, address, macs, ...named };
  const realm = textOf(told["realm"]);
  const shared = listOf(told["shared"]).flatMap((one) => (["endpoint", "uid"] as const).find((kind) => kind === one) ?? []);
  const owners = listOf(told["names"]).flatMap((one) => ownerOf(textOf(one)) ?? []);
  const identity: ToldIdentity = {
    camera,
    owners: owners.slice(0, MOST_OWNERS),
    macs: [...macs, ...macsOf(told["told_macs"])],
    ...named,
    ...(realm === undefined ? {} : { realm }),
    ...(shared.length === 0 ? {} : { shared }),
  };
  return { origin, address, macs, ...named, identity };
}

function isShort(text: string): boolean {
  return text !== "" && text.length <= 256;
}

/** What people see of it has no control characters, and none is part of a name. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" && isShort(value) && !/\p{Cc}/u.test(value) ? value : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return list(value).slice(0, MOST_OWNERS);
}

function macsOf(value: unknown): readonly MacAddress[] {
  return listOf(value)
    .slice(0, MOST_MACS)
    .flatMap((one) => parseMac(textOf(one) ?? "") ?? []);
}

function ownerOf(text: string | undefined): OwnerName | undefined {
  return text !== undefined && OWNER.test(text) ? (text as OwnerName) : undefined;
}

function uidOf(text: string | undefined): VendorUid | undefined {
  const maker = MAKERS.find((one) => text?.startsWith(`${one}:`) === true);
  return maker === undefined ? undefined : vendorUid(maker, text?.slice(maker.length + 1));
}
