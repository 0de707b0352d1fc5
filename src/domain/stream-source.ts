import type { IpAddress } from "./addresses.ts";
import type { HostName } from "./host-name.ts";
import { type Dialect, fill, type Filled, hidePlaceholders, OPAQUE, type Origin, placeholderAt } from "./placeholder.ts";
import { hasHost, kindOfHost, type SourceUrl, urlAt } from "./source-url.ts";

/** A dead loopback address on the discard port: a parked stream offers its password to nobody. */
export const QUARANTINE_SOURCE = "rtsp://127.0.0.1:9/quarantine";

/** A camera's address in a source, or what stands there instead. */
export type FoundHost =
  /** At these UTF-16 offsets of the source itself. */
  | {
      readonly kind: "address";
      readonly address: IpAddress;
      readonly start: number;
      readonly end: number;
      readonly url: SourceUrl | undefined;
      /** What stands there in fact: a name that a person asked to have taken for the address. */
      readonly name?: HostName;
    }
  /** At these offsets of the value of a variable. */
  | { readonly kind: "variable"; readonly address: IpAddress; readonly variable: string; readonly start: number; readonly end: number }
  | {
      readonly kind: "left";
      readonly why: "hostname" | "ipv6" | "placeholder" | "multicast" | "not-rewritable" | "shared-name" | "several-names";
      /** As a message may show it. */
      readonly host: string;
      readonly variable?: string;
      /** Of a name that stands in the source itself: where. */
      readonly at?: { readonly start: number; readonly end: number; readonly url: SourceUrl | undefined };
    };

export interface SourceReading {
  readonly hosts: readonly FoundHost[];
  /** The stream of this very go2rtc that the source reads: `ffmpeg:NAME#…`, `rtsp://127.0.0.1:8554/NAME`. */
  readonly link?: string;
  /** With every placeholder filled; absent where one is unknown here. */
  readonly resolved?: string;
  /** Where `resolved` has an address in place of a name: the name, and the text with it. */
  readonly named?: { readonly host: HostName; readonly resolved: string };
  readonly refusedByApi?: "white-space" | "command";
}

interface Search {
  readonly urls: readonly SourceUrl[];
  /** Addresses in a command of which it is unknown whose they are. */
  readonly unsure: readonly string[];
}

/** A source of which an inner URL follows the scheme (go2rtc internal/ffmpeg, internal/webrtc, pkg/flussonic). */
const NESTING = new Set(["ffmpeg", "webrtc", "flussonic"]);
/** go2rtc runs a program, or evaluates an expression, and refuses such a source by its API (internal/streams/handlers.go, 1.9.12). */
const COMMANDS = new Set(["exec", "echo", "expr"]);

/**
 * Reads one source of a go2rtc stream or one input of Frigate: where the camera's address stands in it. Nothing is found in what names no
 * host of the LAN (`homekit:` resolves its camera by itself at each dial, pkg/hap/client.go), nor where the host is this machine.
 * @param environment variables by name, as far as they are known here
 */
export function readSource(text: string, dialect: Dialect, environment: ReadonlyMap<string, string>): SourceReading {
  const filled = fill(text, environment, dialect);
  const resolved = filled.missing.length === 0 ? filled.text : undefined;
  const hidden = hidePlaceholders(text, dialect);
  const first = search(hidden);
  const opaque = first.urls.length === 0 ? hidden.includes(OPAQUE) : first.urls.some((url) => url.host.includes(OPAQUE));
  const hosts = opaque ? hostsInFilled(text, filled, hidden, dialect) : hostsIn(text, first);
  const link = linkOf(resolved ?? hidden);
  const refusedByApi = refusal(resolved ?? text);
  return {
    hosts,
    ...(link === undefined ? {} : { link }),
    ...(resolved === undefined ? {} : { resolved }),
    ...(refusedByApi === undefined ? {} : { refusedByApi }),
  };
}

/**
 * Reads a place that holds a host with or without a scheme and port: Frigate's `onvif.host` and `webui_url`.
 * @see readSource
 */
export function readHost(text: string, dialect: Dialect, environment: ReadonlyMap<string, string>): readonly FoundHost[] {
  const hidden = hidePlaceholders(text, dialect);
  if (/^\s*[a-z][a-z0-9+.-]*:\/\//i.test(hidden)) return readSource(text, dialect, environment).hosts;
  const bare = /^\s*([^\s/:?#]+|[0-9a-f:]+:[0-9a-f:]*|\[[^\]]*\])(?::\d+)?(?:[/?#]\S*)?\s*$/i.exec(hidden);
  const host = bare?.[1];
  if (host === undefined) return [];
  const start = hidden.indexOf(host);
  const kind = kindOfHost(host);
  if (kind.kind === "address") return [{ kind: "address", address: kind.address, start, end: start + host.length, url: undefined }];
  if (kind.kind !== "left") return [];
  if (kind.why === "hostname") return [{ kind: "left", why: kind.why, host, at: { start, end: start + host.length, url: undefined } }];
  if (kind.why !== "placeholder") return [{ kind: "left", why: kind.why, host }];
  const filled = fill(text, environment, dialect);
  const inner = filled.missing.length === 0 ? readHost(filled.text, "none", environment) : [];
  const placed = inner.map((found) => originOf(found, filled.origins));
  return placed.length > 0 ? placed : [placeholderLeft(text, start, start + host.length)];
}

/** A source with the address of a camera replaced wherever it stands as a host. The source must have its placeholders filled. */
export function sourceAt(source: string, from: IpAddress, to: IpAddress): string {
  const spans = readSource(source, "none", new Map()).hosts.filter((host) => host.kind === "address" && host.address === from);
  return spans.reduceRight(
    (text, host) => (host.kind === "address" ? text.slice(0, host.start) + to + text.slice(host.end) : text),
    source,
  );
}

/** Every URL with a host of a source whose placeholders are filled, the first first. */
export function urlsOf(source: string): readonly SourceUrl[] {
  return search(source).urls;
}

function search(text: string): Search {
  const none: Search = { urls: [], unsure: [] };
  const start = text.length - text.trimStart().length;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text.slice(start))?.[1]?.toLowerCase();
  if (scheme === undefined) return none;
  const inner = start + scheme.length + 1;
  if (COMMANDS.has(scheme)) return searchCommand(text, inner, scheme);
  const url = NESTING.has(scheme) && !text.startsWith("//", inner) ? urlAt(text, inner) : urlAt(text, start);
  return url !== undefined && hasHost(url.scheme) ? { urls: [url], unsure: [] } : none;
}

/** No command reads more; the search must end on any text. */
const MOST_URLS = 50;

/** A command: every URL in it, but of FFmpeg's only those it reads (`-i URL`). A bare address may be anybody's. */
function searchCommand(text: string, from: number, scheme: string): Search {
  const isFfmpeg = scheme === "exec" && /^\s*["']?(?:\S*\/)?ffmpeg\b/.test(text.slice(from));
  const urls: SourceUrl[] = [];
  const unsure: string[] = [];
  for (const match of text.slice(from).matchAll(/[a-z][a-z0-9+.-]*:\/\//gi)) {
    if (urls.length + unsure.length === MOST_URLS) break;
    const at = from + match.index;
    const before = text.slice(from, at);
    const url = urlAt(text, at, `"'\`,;()<>`);
    if (url === undefined || !hasHost(url.scheme) || urls.some((known) => at < known.end)) continue;
    if (isFfmpeg && !/(?:^|\s)-i\s+["']?$/.test(before)) {
      if (kindOfHost(url.host).kind === "address") unsure.push(url.host);
    } else urls.push(url);
  }
  const masked = urls.reduce((rest, url) => rest.slice(0, url.start) + " ".repeat(url.end - url.start) + rest.slice(url.end), text);
  for (const match of masked.matchAll(/(?<![\w.:/@-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.-])/g)) {
    if (kindOfHost(match[0]).kind === "address") unsure.push(match[0]);
  }
  return { urls, unsure };
}

function hostsIn(text: string, found: Search): readonly FoundHost[] {
  const hosts = found.urls.flatMap((url): FoundHost[] => {
    const kind = kindOfHost(url.host);
    if (kind.kind === "address" && !url.doubtful)
      return [{ kind: "address", address: kind.address, start: url.hostStart, end: url.hostEnd, url }];
    if (kind.kind === "address") return [{ kind: "left", why: "not-rewritable", host: "***" }];
    if (kind.kind !== "left") return [];
    if (url.doubtful) return [{ kind: "left", why: kind.why, host: "***" }];
    const host = text.slice(url.hostStart, url.hostEnd);
    const at = { start: url.hostStart, end: url.hostEnd, url };
    return [{ kind: "left", why: kind.why, host, ...(kind.why === "hostname" ? { at } : {}) }];
  });
  return [...hosts, ...found.unsure.map((host): FoundHost => ({ kind: "left", why: "not-rewritable", host }))];
}

/** The address is inside a placeholder, or only the filled text is a URL. */
function hostsInFilled(text: string, filled: Filled, hidden: string, dialect: Dialect): readonly FoundHost[] {
  const found = search(hidePlaceholders(filled.text, dialect));
  const hosts = hostsIn(filled.text, found);
  const [url] = search(hidden).urls;
  const left = url === undefined ? placeholderLeft(text, 0, text.length) : placeholderLeft(text, url.hostStart, url.hostEnd);
  if (found.urls.length === 0 && found.unsure.length === 0)
    return filled.missing.length > 0 && placeholderCouldBeHost(hidden) ? [left] : [];
  return hosts.map((host) => (host.kind === "left" && host.why === "placeholder" ? left : originOf(host, filled.origins)));
}

/** A device file or an unknown scheme with a placeholder in it is no camera's place. */
function placeholderCouldBeHost(hidden: string): boolean {
  const text = hidden.trimStart();
  return text.startsWith(OPAQUE) || urlAt(text, 0)?.host.includes(OPAQUE) === true || /^(?:ffmpeg|webrtc|flussonic):\ue000/.test(text);
}

function originOf(host: FoundHost, origins: readonly Origin[]): FoundHost {
  if (host.kind === "left") {
    const { at: _filled, ...left } = host;
    return left;
  }
  if (host.kind !== "address") return host;
  const first = origins[host.start];
  const inOne = origins
    .slice(host.start, host.end)
    .every((origin, index) => origin.variable === first?.variable && origin.offset === (first?.offset ?? 0) + index);
  if (first === undefined || !inOne) {
    const variable = origins.slice(host.start, host.end).find((origin) => origin.variable !== undefined)?.variable;
    return { kind: "left", why: "placeholder", host: host.address, ...(variable === undefined ? {} : { variable }) };
  }
  const span = { start: first.offset, end: first.offset + host.end - host.start };
  if (first.variable === undefined) return { ...host, ...span };
  return { kind: "variable", address: host.address, variable: first.variable, ...span };
}

function placeholderLeft(text: string, from: number, to: number): FoundHost {
  const variable = placeholderAt(text, from, to);
  return { kind: "left", why: "placeholder", host: `{${variable ?? "?"}}`, ...(variable === undefined ? {} : { variable }) };
}

function linkOf(text: string): string | undefined {
  const own = /^\s*ffmpeg:([^\s#?:/@]+)(?:#|\s*$)/i.exec(text)?.[1];
  if (own !== undefined) return own.includes(OPAQUE) ? undefined : own;
  const [url] = search(text).urls;
  if (url === undefined || kindOfHost(url.host).kind !== "self") return undefined;
  return linkedName(url);
}

/** The stream that a URL of a go2rtc names: `rtsp://…/NAME?…` or `http://…/api/…?src=NAME`. */
export function linkedName(url: SourceUrl): string | undefined {
  const name = url.scheme.startsWith("rtsp")
    ? /^\/([^/?]+)(?:\?|$)/.exec(url.path)?.[1]
    : /^\/api\/[^?]*\?(?:.*&)?src=([^&]+)/.exec(url.path)?.[1];
  if (name === undefined) return undefined;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function refusal(text: string): SourceReading["refusedByApi"] {
  const scheme = /^\s*([a-z]+):/i.exec(text)?.[1];
  if (scheme !== undefined && COMMANDS.has(scheme.toLowerCase())) return "command";
  return /[\t\n\f\r ]/.test(text) ? "white-space" : undefined;
}
