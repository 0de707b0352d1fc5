import { type IpAddress, isHostAddress, isLoopback, parseIp } from "./addresses.ts";
import { OPAQUE } from "./placeholder.ts";

/** A URL within a text, taken apart only as far as is needed; it is never put together again. Offsets are into the text. */
export interface SourceUrl {
  readonly scheme: string;
  readonly start: number;
  readonly end: number;
  readonly host: string;
  readonly hostStart: number;
  readonly hostEnd: number;
  readonly port: number | undefined;
  readonly hasUserInfo: boolean;
  /** Path and query, without the fragment. */
  readonly path: string;
  /** The text after the host holds an `@` that may end a password: parts of the password may have been taken for the host. */
  readonly doubtful: boolean;
}

/** What a host is to us. */
export type HostKind =
  | { readonly kind: "address"; readonly address: IpAddress }
  /** This machine itself. */
  | { readonly kind: "self" }
  | { readonly kind: "none" }
  | { readonly kind: "left"; readonly why: "hostname" | "ipv6" | "placeholder" | "multicast" };

/** Default TCP ports of the schemes whose host stands in the URL's authority (go2rtc internal/…, pkg/tcp/dial.go; `srt` is FFmpeg's). */
const DEFAULT_PORTS: ReadonlyMap<string, number | undefined> = new Map([
  ["rtsp", 554],
  ["rtsps", 554],
  ["rtspx", 554],
  ["rtmp", 1935],
  ["rtmps", 443],
  ["rtmpx", 443],
  ["http", 80],
  ["https", 443],
  ["httpx", 443],
  ["ws", 80],
  ["wss", 443],
  ["tcp", undefined],
  ["onvif", 80],
  ["tapo", 8800],
  ["vigi", 8800],
  ["kasa", 19443],
  ["dvrip", 34567],
  ["isapi", 80],
  ["bubble", 80],
  ["eseecloud", 80],
  ["doorbird", 80],
  ["gopro", undefined],
  ["multitrans", 554],
  ["flussonic", 80],
  ["wyoming", undefined],
  ["xiaomi", undefined],
  ["wyze", undefined],
  ["srt", undefined],
]);

/** Where a client of the URL connects by TCP; undefined where the scheme has no usual port and the URL names none. */
export function tcpPort(url: SourceUrl): number | undefined {
  return url.port ?? DEFAULT_PORTS.get(url.scheme);
}

/** True for a scheme whose URLs have the camera in their authority. */
export function hasHost(scheme: string): boolean {
  return DEFAULT_PORTS.has(scheme);
}

/**
 * Reads the URL that begins at `start`; undefined where there is none with a host. User-info ends at the last `@` before the path, as go2rtc
 * (Go net/url) and FFmpeg (libavutil/utils.c) take it. Where that gives no address, but a later `@` is followed by one, the password holds a raw `/`, `?`
 * or `#` and that later address is meant.
 * @param stops further characters that end the URL
 */
export function urlAt(text: string, start: number, stops = ""): SourceUrl | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text.slice(start, start + 40));
  if (scheme === null) return undefined;
  const from = start + scheme[0].length;
  const all = text.slice(from).split(stops === "" ? /\s/ : new RegExp(`[\\s${stops}]`), 1)[0] ?? "";
  const limit = from + all.length;
  const authority = all.split(/[/?#]/, 1)[0] ?? "";
  const at = authority.lastIndexOf("@");
  const usual = hostPort(authority.slice(at + 1));
  const later = parseIp(usual.host) !== undefined && usual.sound ? undefined : laterAddress(all, authority);
  const hostStart = from + (later ?? at + 1);
  const { host, port } = later === undefined ? usual : hostPort(all.slice(later).split(/[/?#]/, 1)[0] ?? "");
  const tail = text.slice(hostStart + host.length, limit).replace(/^:[^/?#]*/, "");
  return {
    scheme: (scheme[1] ?? "").toLowerCase(),
    start,
    end: limit - (/#.*$/s.exec(tail)?.[0].length ?? 0),
    host,
    hostStart,
    hostEnd: hostStart + host.length,
    port,
    hasUserInfo: later !== undefined || at !== -1,
    path: tail.replace(/#.*$/s, ""),
    doubtful: later === undefined && (parseIp(host) === undefined || !usual.sound) && all.includes("@", authority.length),
  };
}

function hostPort(text: string): { readonly host: string; readonly port: number | undefined; readonly sound: boolean } {
  const [, host = "", rest = ""] = /^(\[[^\]]*\]|[^:]*)(.*)$/s.exec(text) ?? [];
  const port = /^:\d{1,5}$/.test(rest) ? Number(rest.slice(1)) : undefined;
  return { host, port, sound: rest === "" || rest === ":" || port !== undefined || rest.includes(OPAQUE) };
}

/** Where in `all` the address begins that follows an `@` after the authority; only where the authority looks like the begin of a password. */
function laterAddress(all: string, authority: string): number | undefined {
  const [first = ""] = authority.split(":", 1);
  const looksLikeHost = authority === first || /:\d{1,5}$/.test(authority);
  if (looksLikeHost && !authority.includes("@") && (first.includes(".") || first.includes(OPAQUE))) return undefined;
  for (const match of all.matchAll(/@(\d{1,3}(?:\.\d{1,3}){3})(?=(?::\d{1,5})?(?:[/?#]|$))/g)) {
    if (match.index >= authority.length && parseIp(match[1] ?? "") !== undefined) return match.index + 1;
  }
  return undefined;
}

/** Tells an address that one camera can have from everything that is never rewritten. */
export function kindOfHost(host: string): HostKind {
  if (host === "") return { kind: "none" };
  if (host.includes(OPAQUE)) return { kind: "left", why: "placeholder" };
  const address = parseIp(host);
  if (address !== undefined) {
    if (isLoopback(address)) return { kind: "self" };
    return isHostAddress(address) ? { kind: "address", address } : { kind: "left", why: "multicast" };
  }
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (bare === "::1" || bare === "::" || bare === "localhost" || bare.endsWith(".localhost")) return { kind: "self" };
  return { kind: "left", why: bare.includes(":") ? "ipv6" : "hostname" };
}
