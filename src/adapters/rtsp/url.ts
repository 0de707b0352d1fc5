import type { Credentials } from "./digest.ts";

const DEFAULT_PORT = 554;
const DEFAULT_TLS_PORT = 322;

/** An RTSP URL taken apart. */
export interface RtspUrl {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Present where the URL names a user; decoded. */
  readonly credentials?: Credentials;
  /** The URL as it goes into requests: no user-info, no fragment. */
  readonly requestUri: string;
}

/**
 * Reads an RTSP URL the way go2rtc does (pkg/rtsp/client.go, Go's net/url): what follows `#` are go2rtc's own options and is cut off, user-info
 * ends at the last `@` before the path, and its two parts are percent-encoded. So a password with `@ : / # %` stands encoded in a document;
 * unencoded `@ : $` are understood too. `rtspx` is go2rtc's word for TLS without a check of the certificate.
 * @returns undefined where the text is no such URL, or where a decoded part holds a control character
 */
export function parseRtspUrl(text: string): RtspUrl | undefined {
  const [withoutOptions = ""] = text.split("#", 1);
  const [, scheme, authority, rest] = /^(rtsp|rtsps|rtspx):\/\/([^/?]*)(.*)$/is.exec(withoutOptions) ?? [];
  if (scheme === undefined || authority === undefined || rest === undefined || !isPrintable(withoutOptions)) return undefined;
  const at = authority.lastIndexOf("@");
  const [, host, portText] = /^([^:@\s[\]]+|\[[0-9a-f:.]+\])(?::(\d{0,5}))?$/i.exec(authority.slice(at + 1)) ?? [];
  const tls = scheme.toLowerCase() !== "rtsp";
  const port = portText === undefined || portText === "" ? (tls ? DEFAULT_TLS_PORT : DEFAULT_PORT) : Number(portText);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  const requestUri = `${tls ? "rtsps" : "rtsp"}://${authority.slice(at + 1)}${rest}`;
  const place = { host: host.replaceAll(/[[\]]/g, ""), port, tls, requestUri };
  if (at < 0) return place;
  const [user = "", ...password] = authority.slice(0, at).split(":");
  const username = decode(user);
  const secret = decode(password.join(":"));
  if (username === undefined || secret === undefined) return undefined;
  return username === "" && secret === "" ? place : { ...place, credentials: { username, password: secret } };
}

function decode(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return isPrintable(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}

function isPrintable(text: string): boolean {
  return Array.from(text).every((character) => character >= " " && character !== "\u007F");
}
