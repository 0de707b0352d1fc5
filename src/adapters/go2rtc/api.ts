import type { IncomingMessage } from "node:http";
import { seconds } from "../../domain/duration.ts";
import { maskCredentials } from "../../domain/mask.ts";
import type { Clock } from "../../ports/clock.ts";
import { StreamServerError } from "../../ports/stream-server.ts";

/** go2rtc dials the camera inside some calls, and gives up a dial after 5 s (go2rtc pkg/tcp/dial.go). */
const CALL_LIMIT = seconds(8);
/** A list of a hundred streams with their session descriptions is well under 1 MB. */
const MAX_BODY = 8 * 1024 * 1024;
const MAX_PICTURE = 256 * 1024;

export interface ApiCredentials {
  readonly username: string;
  readonly password: { reveal(): string };
}

export interface Go2rtcApiOptions {
  /** `http://host:1984`, with `api.base_path` where one is set. */
  readonly baseUrl: string;
  readonly credentials?: ApiCredentials;
  readonly clock: Clock;
}

export interface ApiRequest {
  /** Never DELETE: producers of a removed stream go on dialling the camera unseen. */
  readonly method: "GET" | "PUT" | "PATCH" | "POST";
  readonly path: "api" | "api/streams" | "api/preload" | "api/config";
  readonly query?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

/** The HTTP API of one go2rtc (go2rtc api/openapi.yaml). One call at a time is the caller's business. */
export class Go2rtcApi {
  readonly #options: Go2rtcApiOptions;

  constructor(options: Go2rtcApiOptions) {
    this.#options = options;
  }

  /** Its address without credentials: for messages. @throws TypeError where the base URL is none */
  get place(): string {
    const { origin, pathname } = new URL(this.#options.baseUrl);
    return `${origin}${pathname.replace(/\/+$/, "")}`;
  }

  get hostname(): string {
    return new URL(this.#options.baseUrl).hostname;
  }

  /**
   * Makes one call. It is not cut short by an abort of the caller: what go2rtc has begun it finishes anyway, and the next call must not overlap it.
   * @returns the answer whatever its status, 401 and 403 excepted
   * @throws StreamServerError `ServerUnreachable`, `ServerRefusesLogin`, and `ServerRefused` for 403 or an endless body
   */
  async call({ method, path, query = [], body }: ApiRequest): Promise<ApiAnswer> {
    const { clock } = this.#options;
    const search = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
    const deadline = clock.deadline(`go2rtc ${method} ${path}`, CALL_LIMIT, new AbortController().signal);
    try {
      const { status, text } = await exchange(
        `${this.place}/${path}${search === "" ? "" : `?${search}`}`,
        method,
        this.#headers(),
        body,
        deadline,
      );
      if (status === 401) throw new StreamServerError("ServerRefusesLogin", `go2rtc at ${this.place} refuses the user name or password`);
      if (status === 403) throw this.refused(`forbids ${method} ${path}: lift its read-only setting`);
      if (text === undefined) throw this.refused(`answers ${path} without end: check url under go2rtc`);
      return { status, text };
    } catch (cause) {
      if (cause instanceof StreamServerError) throw cause;
      const why = deadline.aborted ? `did not answer within ${String(CALL_LIMIT / 1000)} s` : "does not answer";
      // The cause names the URL of the call and with it the camera's password: only its code is kept.
      throw new StreamServerError("ServerUnreachable", `go2rtc at ${this.place} ${why}${codeOf(cause)}`);
    }
  }

  /**
   * What a stream shows now. It changes no stream, so it may overlap other calls; go2rtc waits for a whole picture without end, and answers with an
   * empty one where there is none (internal/mjpeg/mjpeg.go). H.264 and H.265 need FFmpeg beside it, which makes it smaller, too (internal/ffmpeg/jpeg.go).
   * @returns undefined where it is no JPEG of at most 256 KiB
   * @throws StreamServerError `ServerUnreachable`; the signal's reason when aborted
   */
  async picture(stream: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const url = `${this.place}/api/frame.jpeg?src=${encodeURIComponent(stream)}&w=640`;
    try {
      const response = await begin(url, "GET", this.#headers(), undefined, signal);
      const picture = await readBytes(response, MAX_PICTURE);
      if (picture === undefined) response.destroy();
      const isJpeg = picture?.[0] === 0xff && picture[1] === 0xd8;
      return response.statusCode === 200 && isJpeg ? picture : undefined;
    } catch (cause) {
      signal.throwIfAborted();
      throw new StreamServerError("ServerUnreachable", `go2rtc at ${this.place} gives no picture${codeOf(cause)}`);
    }
  }

  #headers(): Readonly<Record<string, string>> {
    const { credentials } = this.#options;
    return credentials === undefined ? {} : { authorization: basic(credentials) };
  }

  /** The error that says what this go2rtc does not do, and the remedy. */
  refused(what: string, options?: ErrorOptions): StreamServerError {
    return new StreamServerError("ServerRefused", `go2rtc at ${this.place} ${what}`, options);
  }
}

/** What go2rtc said, fit for a message. */
export function said({ status, text }: ApiAnswer): string {
  const words = maskCredentials(text.trim().slice(0, 200));
  return words === "" ? String(status) : `${String(status)}: ${words}`;
}

function basic({ username, password }: ApiCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`, "utf8").toString("base64")}`;
}

/**
 * One request by Node's own HTTP client, which needs 20 MB less than `fetch`: that compiles its parser from WebAssembly. No redirect is followed, and
 * the connection is not kept.
 * @returns the text is undefined where there is more than the limit
 */
async function exchange(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string | undefined }> {
  const response = await begin(url, method, headers, body, signal);
  const text = await readBounded(response);
  if (text === undefined) response.destroy();
  return { status: response.statusCode ?? 0, text };
}

/** Sends a request and waits for the beginning of its answer. */
async function begin(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { request } = url.startsWith("https:") ? await import("node:https") : await import("node:http");
  const call = request(url, { method, headers, signal, agent: false });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    call.once("response", resolve);
    call.once("error", reject);
  });
  call.end(body);
  const response = await answered;
  // After the answer has begun its stream tells the failures; the request says them again.
  call.on("error", () => undefined);
  return response;
}

/** Undefined where there are more. */
async function readBytes(response: IncomingMessage, most: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readBounded(response: IncomingMessage): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_BODY) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code !== "ABORT_ERR" ? ` (${code})` : "";
}
