import { parseMac, type MacAddress } from "./addresses.ts";
import type { VendorUid } from "./vendor-id.ts";

/** What a device says of itself to anybody. Nothing of it is proved; all of it can be copied. */
export interface SelfDescription {
  /** ONVIF endpoint reference. */
  readonly endpoint?: string;
  /** Model and name, from ONVIF scopes or the maker's discovery. */
  readonly hardware?: string;
  readonly name?: string;
  /** MAC address that it says is its own. */
  readonly mac?: MacAddress;
  /** Realm of its RTSP challenge. */
  readonly realm?: string;
  /** `Server` header of its RTSP answers. */
  readonly server?: string;
  readonly uid?: VendorUid;
  /** Whether it speaks RTSP on the port that was asked. */
  readonly speaksRtsp: boolean;
}

/** What ONVIF devices answer to discovery. */
export interface OnvifDescription {
  readonly endpoint?: string;
  /** ONVIF scopes, such as `onvif://www.onvif.org/hardware/IPC-1`; at most 64. */
  readonly scopes: readonly string[];
}

/** Scopes are URIs of `onvif://www.onvif.org/KIND/VALUE` (ONVIF Core Specification, §7.3.2.2); makers add kinds of their own. */
export function readScopes(scopes: readonly string[]): Pick<SelfDescription, "hardware" | "name" | "mac"> {
  const hardware = scope(scopes, ["hardware"]);
  const name = scope(scopes, ["name"]);
  const mac = parseMac(scope(scopes, ["MacAddress", "mac"]) ?? "");
  return {
    ...(hardware === undefined ? {} : { hardware }),
    ...(name === undefined ? {} : { name }),
    ...(mac === undefined ? {} : { mac }),
  };
}

function scope(scopes: readonly string[], kinds: readonly string[]): string | undefined {
  for (const text of scopes) {
    const [, kind, value] = /^onvif:\/\/www\.onvif\.org\/([^/]+)\/([^/]+)/i.exec(text) ?? [];
    if (kind === undefined || value === undefined) continue;
    if (kinds.some((one) => one.toLowerCase() === kind.toLowerCase())) return decoded(value).slice(0, 80);
  }
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text).replaceAll(/\p{Cc}/gu, " ");
  } catch {
    return text;
  }
}
