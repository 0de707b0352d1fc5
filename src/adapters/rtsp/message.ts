/** The most that a start line with its headers may take. Cameras send well under 2 KiB. */
const MAX_HEAD = 16 * 1024;
/** The most that a body may take: session descriptions are a few KiB. */
const MAX_BODY = 256 * 1024;
const MAX_HEADERS = 100;
const DOLLAR = 0x24;
const FRAME_HEAD = 4;

/** Names in lower case, in the order they came, repeated ones included. */
export type RtspHeaders = readonly (readonly [name: string, value: string])[];

export interface RtspRequest {
  readonly kind: "request";
  readonly method: string;
  readonly uri: string;
  readonly headers: RtspHeaders;
  readonly body: string;
}

export interface RtspResponse {
  readonly kind: "response";
  readonly status: number;
  readonly reason: string;
  readonly headers: RtspHeaders;
  readonly body: string;
}

/** Binary data that is interleaved with the messages (RFC 2326 §10.12). */
export interface InterleavedFrame {
  readonly kind: "frame";
  readonly channel: number;
  readonly payload: Uint8Array;
}

/** The peer does not speak RTSP, or exceeded a limit. Nothing after it is read. */
export interface Malformed {
  readonly kind: "malformed";
  readonly message: string;
}

export type RtspItem = RtspRequest | RtspResponse | InterleavedFrame | Malformed;

type StartLine = Pick<RtspRequest, "kind" | "method" | "uri"> | Pick<RtspResponse, "kind" | "status" | "reason">;

/** The values of a header, in order. */
export function headerValues(headers: RtspHeaders, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([key]) => key === wanted).map(([, value]) => value);
}

/**
 * A request or response as bytes (RFC 2326 §6, §7); `Content-Length` is added where there is a body.
 * @throws RangeError where a part holds a line break or another control character: it would forge a header
 */
export function encodeMessage(message: RtspRequest | RtspResponse): Buffer {
  const start =
    message.kind === "request" ? `${message.method} ${message.uri} RTSP/1.0` : `RTSP/1.0 ${String(message.status)} ${message.reason}`;
  const body = Buffer.from(message.body, "utf8");
  const lines = [start, ...message.headers.map(([name, value]) => `${name}: ${value}`)];
  if (body.length > 0) lines.push(`Content-Length: ${String(body.length)}`);
  if (lines.some(hasControl)) throw new RangeError("an RTSP message part holds a control character");
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "utf8"), body]);
}

/**
 * Takes the bytes of one RTSP connection in any pieces and gives back what they make up (RFC 2326 §4, §10.12). Holds at most one
 * unfinished message. After `malformed` it takes nothing more.
 */
export class MessageReader {
  #pending: Buffer = Buffer.alloc(0);
  #dead = false;

  /** The items that are complete now. Never throws. */
  push(chunk: Uint8Array): readonly RtspItem[] {
    if (this.#dead) return [];
    const bytes = this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk]);
    const items: RtspItem[] = [];
    let offset = 0;
    while (offset < bytes.length) {
      const step = bytes[offset] === DOLLAR ? readFrame(bytes, offset) : readMessage(bytes, offset);
      if (step === undefined) break;
      if (step.item !== undefined) items.push(step.item);
      if (step.item?.kind === "malformed") {
        this.#dead = true;
        this.#pending = Buffer.alloc(0);
        return items;
      }
      offset = step.next;
    }
    this.#pending = bytes.subarray(offset);
    return items;
  }
}

interface Step {
  readonly item: RtspItem | undefined;
  readonly next: number;
}

function readFrame(bytes: Buffer, offset: number): Step | undefined {
  if (bytes.length < offset + FRAME_HEAD) return undefined;
  const end = offset + FRAME_HEAD + bytes.readUInt16BE(offset + 2);
  if (bytes.length < end) return undefined;
  return { item: { kind: "frame", channel: bytes.readUInt8(offset + 1), payload: bytes.subarray(offset + FRAME_HEAD, end) }, next: end };
}

function readMessage(bytes: Buffer, offset: number): Step | undefined {
  const first = bytes[offset];
  // Empty lines before a message are to be skipped (RFC 2326 §4.1).
  if (first === 0x0d || first === 0x0a) return { item: undefined, next: offset + 1 };
  const window = bytes.subarray(offset, offset + MAX_HEAD);
  const lineEnd = window.indexOf(0x0a);
  if (lineEnd < 0) return window.length < MAX_HEAD ? undefined : malformed("a start line without end");
  // A banner of another protocol has no empty line after it: judge the first line as soon as it is there.
  const start = parseStartLine(window.toString("utf8", 0, lineEnd).trimEnd());
  if (start === undefined) return malformed("the first line is not RTSP");
  const head = findHeadEnd(window, lineEnd);
  if (head === undefined) return window.length < MAX_HEAD ? undefined : malformed("headers beyond the limit");
  const headers = parseHeaders(window.toString("utf8", lineEnd + 1, head.end));
  if (headers === undefined) return malformed("a header line is not RTSP");
  const length = bodyLength(headers);
  if (length === undefined) return malformed("a body beyond the limit");
  const bodyStart = offset + head.next;
  if (bytes.length < bodyStart + length) return undefined;
  const body = bytes.toString("utf8", bodyStart, bodyStart + length);
  return { item: { ...start, headers, body }, next: bodyStart + length };
}

function malformed(message: string): Step {
  return { item: { kind: "malformed", message }, next: 0 };
}

function parseStartLine(line: string): StartLine | undefined {
  if (hasControl(line)) return undefined;
  const response = /^RTSP\/\d\.\d (\d{3})(?: (.*))?$/.exec(line);
  if (response !== null) return { kind: "response", status: Number(response[1]), reason: response[2] ?? "" };
  const [, method, uri] = /^([A-Z_]{1,32}) (\S+) RTSP\/\d\.\d$/.exec(line) ?? [];
  return method === undefined || uri === undefined ? undefined : { kind: "request", method, uri };
}

/** Where the headers end and what follows the empty line begins; lines may end in LF alone, as some cameras send them. */
function findHeadEnd(window: Buffer, startLineEnd: number): { readonly end: number; readonly next: number } | undefined {
  let lineStart = startLineEnd + 1;
  for (;;) {
    const lineEnd = window.indexOf(0x0a, lineStart);
    if (lineEnd < 0) return undefined;
    const empty = lineEnd === lineStart || (lineEnd === lineStart + 1 && window[lineStart] === 0x0d);
    if (empty) return { end: lineStart, next: lineEnd + 1 };
    lineStart = lineEnd + 1;
  }
}

function parseHeaders(text: string): RtspHeaders | undefined {
  const lines = text.replaceAll(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  const headers: [string, string][] = [];
  for (const line of lines) {
    if (line === "") continue;
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+)[ \t]*:(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined || hasControl(value) || headers.length >= MAX_HEADERS) return undefined;
    headers.push([name.toLowerCase(), value.trim()]);
  }
  return headers;
}

function bodyLength(headers: RtspHeaders): number | undefined {
  const [text] = headerValues(headers, "content-length");
  if (text === undefined) return 0;
  if (!/^\d{1,7}$/.test(text)) return undefined;
  return Number(text) <= MAX_BODY ? Number(text) : undefined;
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return true;
  }
  return false;
}
