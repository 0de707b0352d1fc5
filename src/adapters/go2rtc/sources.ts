import type { StreamName } from "../../domain/camera.ts";
import type { Producer } from "../../ports/stream-server.ts";
import { isIdle } from "./streams.ts";

/** What go2rtc 1.9.11 and later put in the place of secrets that they know (go2rtc pkg/creds/secrets.go). */
const MASK = "***";
const COMMANDS = /^(?:exec|echo|expr):/;

/** Why go2rtc's API refuses a source, or takes it where it should not; undefined where it is fit to be sent. */
export function refusal(source: string): string | undefined {
  // An empty source makes go2rtc answer with the list of streams and change nothing.
  if (source === "") return "an empty source";
  if (/\s/.test(source)) return "a source with white space";
  // go2rtc 1.9.12 and later refuse these; older ones would save a command given over the network.
  return COMMANDS.test(source) ? `a source of kind ${source.slice(0, source.indexOf(":"))}:` : undefined;
}

/**
 * Whether a producer reads from the source. While it is idle go2rtc shows the configured source; while it is connected it shows the URL of the
 * connection, without go2rtc's `#` options, and for other kinds than RTSP something else: then nothing can be said. Masked parts count as equal.
 */
export function compareSource(producer: Producer, source: string): "same" | "different" | "unknown" {
  if (isIdle(producer)) return equalButMasked(producer.url, source) ? "same" : "different";
  const [shown, wanted] = [connectionUrl(producer.url), connectionUrl(source)];
  if (shown === undefined || wanted === undefined) return "unknown";
  return equalButMasked(shown, wanted) ? "same" : "different";
}

/** Whether a stream has exactly these sources in this order, as far as go2rtc shows it. */
export function showsSources(producers: readonly Producer[], sources: readonly string[]): boolean {
  if (producers.length !== sources.length) return false;
  return producers.every((producer, index) => compareSource(producer, sources[index] ?? "") !== "different");
}

/**
 * The source in a form that PATCH takes for a source. PATCH reads an RTSP URL whose path is the name of a stream, whatever its host, as "make
 * this an alias of that stream" and changes no source (go2rtc internal/streams/streams.go Patch: `url.Parse`, scheme `rtsp`, `u.Path[1:]`). An
 * option behind `#` with a broken escape keeps that reader from understanding the URL; the RTSP client cuts all options off before it dials.
 * Options change the default of the two-way audio channel, so that default is spelt out. Tried on 1.9.14 and 1.9.9.
 */
export function patchable(source: string, names: ReadonlySet<StreamName>): string {
  const [url = "", ...options] = source.split("#");
  const [, path] = /^rtsp:\/\/[^/?]*\/([^?]*)/i.exec(url) ?? [];
  if (path === undefined || path === "" || !isName(path, names)) return source;
  return options.length === 0 ? `${source}#backchannel=1#%` : `${source}#%`;
}

function isName(path: string, names: ReadonlySet<StreamName>): boolean {
  return names.has(path as StreamName) || names.has(decoded(path) as StreamName);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** An RTSP URL as a connection shows it: without options, the default port left out. */
function connectionUrl(url: string): string | undefined {
  const [plain = ""] = url.split("#", 1);
  const [, scheme, authority, rest] = /^(rtspx?|rtsps):\/\/([^/?]*)(.*)$/i.exec(plain) ?? [];
  if (scheme === undefined || authority === undefined) return undefined;
  return `${authority.replace(scheme.toLowerCase() === "rtsp" ? /:554$/ : /:322$/, "")}${rest ?? ""}`;
}

/** The pieces between the masks stand in `wanted` in order, the first at its start and the last at its end. */
function equalButMasked(shown: string, wanted: string): boolean {
  const [first = "", ...others] = shown.split(MASK);
  const last = others.pop();
  if (last === undefined) return shown === wanted;
  if (!wanted.startsWith(first)) return false;
  let position = first.length;
  for (const piece of others) {
    const found = wanted.indexOf(piece, position);
    if (found < 0) return false;
    position = found + piece.length;
  }
  return wanted.length - last.length >= position && wanted.endsWith(last);
}
