import type { IpAddress } from "./addresses.ts";

/**
 * An RTSP URL with its host replaced by `candidate`, every other character untouched: credentials may hold what a URL class would re-encode.
 * The host is read as go2rtc reads it (pkg/rtsp/client.go): options after `#` are no part of it, user-info ends at the last `@` before the path.
 * @param addresses the device's addresses in the documents
 * @returns undefined where the URL's host is none of them: a password is sent to no host that was not understood
 */
export function loginUrlAt(url: string, addresses: readonly IpAddress[], candidate: IpAddress): string | undefined {
  const [, scheme, authority, rest] = /^(rtsp[sx]?:\/\/)([^/?#]*)(.*)$/is.exec(url) ?? [];
  if (scheme === undefined || authority === undefined || rest === undefined) return undefined;
  const hostStart = authority.lastIndexOf("@") + 1;
  const [host = "", ...port] = authority.slice(hostStart).split(":");
  if (port.length > 1 || !addresses.some((address) => address === host)) return undefined;
  return `${scheme}${authority.slice(0, hostStart)}${[candidate, ...port].join(":")}${rest}`;
}
