import { seconds } from "../../domain/duration.ts";
import { saidWords } from "../../domain/short-words.ts";
import type { Clock } from "../../ports/clock.ts";
import { StreamServerError } from "../../ports/stream-server.ts";
import { codeWords, exchange, placeOf } from "../system/http-exchange.ts";

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
    return placeOf(this.#options.baseUrl);
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
    const content = body === undefined ? {} : { body };
    try {
      const url = new URL(`${this.place}/${path}${search === "" ? "" : `?${search}`}`);
      const answer = await exchange({ url, method, headers: this.#headers(), ...content, mostBytes: MAX_BODY }, deadline);
      const { status } = answer;
      if (status === 401) throw new StreamServerError("ServerRefusesLogin", `go2rtc at ${this.place} refuses the user name or password`);
      if (status === 403) throw this.refused(`forbids ${method} ${path}: lift its read-only setting`);
      if (answer.body === undefined) throw this.refused(`answers ${path} without end: check url under go2rtc`);
      return { status, text: answer.body.toString("utf8") };
    } catch (cause) {
      if (cause instanceof StreamServerError) throw cause;
      const why = deadline.aborted ? `did not answer within ${String(CALL_LIMIT / 1000)} s` : "does not answer";
      // The cause names the URL of the call and with it the camera's password: only its code is kept.
      throw new StreamServerError("ServerUnreachable", `go2rtc at ${this.place} ${why}${codeWords(cause)}`);
    }
  }

  /**
   * What a stream shows now. It changes no stream, so it may overlap other calls; go2rtc waits for a whole picture without end, and answers with an
   * empty one where there is none (internal/mjpeg/mjpeg.go). H.264 and H.265 need FFmpeg beside it, which makes it smaller, too (internal/ffmpeg/jpeg.go).
   * @returns undefined where it is no JPEG of at most 256 KiB
   * @throws StreamServerError `ServerUnreachable`; the signal's reason when aborted
   */
  async picture(stream: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const url = new URL(`${this.place}/api/frame.jpeg?src=${encodeURIComponent(stream)}&w=640`);
    try {
      const { status, body } = await exchange({ url, method: "GET", headers: this.#headers(), mostBytes: MAX_PICTURE }, signal);
      const isJpeg = body?.[0] === 0xff && body[1] === 0xd8;
      return status === 200 && isJpeg ? body : undefined;
    } catch (cause) {
      signal.throwIfAborted();
      throw new StreamServerError("ServerUnreachable", `go2rtc at ${this.place} gives no picture${codeWords(cause)}`);
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
  const words = saidWords(text, 200);
  return words === "" ? String(status) : `${String(status)}: ${words}`;
}

function basic({ username, password }: ApiCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`, "utf8").toString("base64")}`;
}
