import type { IpAddress } from "./addresses.ts";
import type { StreamSource } from "./camera.ts";
import type { ConfiguredCamera } from "./document.ts";
import { hidePlaceholders, OPAQUE } from "./placeholder.ts";
import { kindOfHost, type SourceUrl, tcpPort } from "./source-url.ts";
import { urlsOf } from "./stream-source.ts";

/** Where cameras serve ONVIF when nothing is said, the likeliest first. */
const USUAL_ONVIF_PORTS = [80, 8000, 8080, 8899, 2020];

/** A URL of a device with the text that it stands in. */
export interface DeviceUrl {
  readonly text: string;
  readonly url: SourceUrl;
  /** False where a placeholder in the text is unknown here: then only port and path may be used. */
  readonly filled: boolean;
}

interface Access {
  readonly url?: string;
  readonly username?: string;
  readonly password?: string;
}

/** Every URL that reads a device, by a person's option first. */
export function deviceUrls(
  sources: readonly StreamSource[],
  addresses: readonly IpAddress[],
  option: Access | undefined,
): readonly DeviceUrl[] {
  const own = option?.url === undefined ? [] : urlsOf(option.url).map((url) => ({ text: option.url ?? "", url, filled: true }));
  const found = sources.flatMap((source) => {
    const text = source.resolved ?? hidePlaceholders(source.text, "go2rtc");
    return urlsOf(text).map((url) => ({ text, url, filled: source.resolved !== undefined }));
  });
  return [...own, ...found.filter(({ url }) => isOneOf(url, addresses))];
}

function isOneOf(url: SourceUrl, addresses: readonly IpAddress[]): boolean {
  const kind = kindOfHost(url.host);
  return kind.kind === "address" && addresses.includes(kind.address);
}

/** Of those the URLs that an RTSP client without and with TLS can open. */
function rtspOnly(urls: readonly DeviceUrl[]): readonly DeviceUrl[] {
  return urls.filter(({ url }) => url.scheme === "rtsp" || url.scheme === "rtsps");
}

/** An RTSP URL with user and password, without its fragment; undefined where none is known. */
export function loginUrlOf(urls: readonly DeviceUrl[], option: Access | undefined): string | undefined {
  if (option?.username !== undefined && option.password !== undefined) {
    const [first] = rtspOnly(urls);
    if (first === undefined) return undefined;
    const { url } = first;
    const userInfo = `${encodeURIComponent(option.username)}:${encodeURIComponent(option.password)}`;
    return `${url.scheme}://${userInfo}@${url.host}${url.port === undefined ? "" : `:${url.port}`}${knownPath(url)}`;
  }
  const fit = rtspOnly(urls).find(({ text, url, filled }) => filled && hasPassword(text, url));
  return fit === undefined ? undefined : fit.text.slice(fit.url.start, fit.url.end);
}

function hasPassword(text: string, url: SourceUrl): boolean {
  const userInfo = text.slice(url.start, url.hostStart).replace(/^[^/]*\/\//, "");
  return url.hasUserInfo && /^[^:]*:.+@$/s.test(userInfo);
}

/** Path and query of the login URL, else of any RTSP source, for a DESCRIBE without a password; `/` where none is known. */
export function streamPathOf(urls: readonly DeviceUrl[], loginUrl: string | undefined): string {
  const [login] = loginUrl === undefined ? [] : urlsOf(loginUrl);
  const path = login?.path ?? rtspOnly(urls).find(({ url }) => !url.path.includes(OPAQUE))?.url.path;
  return path === undefined || path === "" ? "/" : path;
}

function knownPath(url: SourceUrl): string {
  return url.path.includes(OPAQUE) ? "/" : url.path;
}

/** TCP port of the first RTSP source, else of the first HTTP source, else of any other; 554 where none tells. */
export function streamPortOf(urls: readonly DeviceUrl[]): number {
  const ofScheme = (pattern: RegExp) => urls.filter(({ url }) => pattern.test(url.scheme)).flatMap(({ url }) => tcpPort(url) ?? []);
  return [...ofScheme(/^rtsp/), ...ofScheme(/^http/), ...ofScheme(/./)][0] ?? 554;
}

/** The documents' own ONVIF ports, those of `onvif://` sources, then the usual ones. */
export function onvifPortsOf(cameras: readonly ConfiguredCamera[], urls: readonly DeviceUrl[]): readonly number[] {
  const named = cameras.flatMap((camera) => camera.onvifPort ?? []);
  const ofSources = urls.flatMap(({ url }) => (url.scheme === "onvif" ? (tcpPort(url) ?? []) : []));
  return [...new Set([...named, ...ofSources, ...USUAL_ONVIF_PORTS])];
}
