import { type Duration, minutes, seconds } from "../../domain/duration.ts";
import { codeOf } from "../../domain/thrown.ts";
import type { CertificatePins } from "../../ports/certificate-pins.ts";
import type { Clock } from "../../ports/clock.ts";
import { FrigateError, type FrigateReason } from "../../ports/running-frigate.ts";
import { exchange, type HttpAnswer, placeOf, type ShownCertificate } from "../system/http-exchange.ts";
import { failure } from "./failure.ts";

/** A configuration of a thousand cameras is well under 8 MB, statistics too. */
const MOST_BYTES = 16 * 1024 * 1024;
const CALL_LIMIT = seconds(10);
/** After a refused login, so that Frigate's rate limit and a person's account are left alone. */
const LOGIN_PAUSE = minutes(5);
/**
 * Frigate makes its own certificate where it finds none in that folder of its container, which is empty in each new one (blakeblackshear/frigate,
 * docker/main/rootfs/etc/s6-overlay/s6-rc.d/nginx/run).
 */
const REMEDY =
  "if Frigate was updated or its certificate renewed, set certificate under frigate to that value; a folder mounted at /etc/letsencrypt/live/frigate keeps the certificate over updates";

export interface FrigateCredentials {
  readonly username: string;
  readonly password: { reveal(): string };
}

export interface FrigateConnectionOptions {
  /** `http://host:5000` or `https://host:8971`, a path in front of `/api` included. */
  readonly baseUrl: string;
  readonly credentials?: FrigateCredentials;
  /** SHA-256 fingerprint of the certificate that a person named; else the first one seen is kept. */
  readonly certificate?: string;
  readonly pins: CertificatePins;
  readonly clock: Clock;
}

export interface FrigateCall {
  readonly method: "GET" | "PUT" | "POST";
  /** Below `/api/`, with its query. */
  readonly path: string;
  readonly body?: string;
  readonly type?: "text/plain" | "application/json";
  readonly within?: Duration;
}

export interface FrigateAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Calls to one Frigate: port 5000 without login, 8971 with login and, unless switched off, TLS (frigate/api/auth.py). It logs in only where it is asked
 * to, and anew once where a session has ended.
 */
export class FrigateConnection {
  readonly #options: FrigateConnectionOptions;
  #token: string | undefined;
  #login: Promise<void> | undefined;
  #refusedAt: number | undefined;

  constructor(options: FrigateConnectionOptions) {
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
   * One call, with a login before it is repeated once where Frigate asks for one.
   * @returns the answer whatever its status, 401 excepted
   * @throws FrigateError; the signal's reason when aborted
   */
  async call(call: FrigateCall, signal: AbortSignal): Promise<FrigateAnswer> {
    const first = await this.#send(call, signal);
    if (first.status !== 401) return first;
    await this.#logIn(signal);
    const second = await this.#send(call, signal);
    if (second.status === 401) throw this.error("FrigateRefusesLogin", "accepts the login and asks for it again: check its proxy settings");
    return second;
  }

  /** Calls that meet an ended session at once share one login, which therefore is none of theirs to cut short; it ends by its own limit. */
  async #logIn(signal: AbortSignal): Promise<void> {
    this.#token = undefined;
    this.#login ??= this.#logInOnce(new AbortController().signal).finally(() => {
      this.#login = undefined;
    });
    await this.#login;
    signal.throwIfAborted();
  }

  async #logInOnce(signal: AbortSignal): Promise<void> {
    const { credentials, clock } = this.#options;
    if (credentials === undefined)
      throw this.error("FrigateRefusesLogin", "asks for a login: set username and password under frigate, or use its port 5000");
    const refused = `refuses the login of ${credentials.username}: correct username and password under frigate`;
    if (this.#refusedAt !== undefined && clock.monotonic() - this.#refusedAt < LOGIN_PAUSE)
      throw this.error("FrigateRefusesLogin", `${refused}; it is tried again every ${String(LOGIN_PAUSE / 60_000)} minutes`);
    const body = JSON.stringify({ user: credentials.username, password: credentials.password.reveal() });
    const answer = await this.#exchange({ method: "POST", path: "login", body, type: "application/json" }, signal);
    const token = tokenOf(answer);
    if (answer.status === 200 && token !== undefined) {
      this.#token = token;
      this.#refusedAt = undefined;
      return;
    }
    this.#refusedAt = clock.monotonic();
    if (answer.status === 429) throw this.error("FrigateRefusesLogin", "has had too many logins lately; it is tried again later");
    if (answer.status === 401 || answer.status === 400) throw this.error("FrigateRefusesLogin", refused);
    throw this.error("FrigateRefusesLogin", `answers the login with ${String(answer.status)}: check url under frigate`);
  }

  async #send(call: FrigateCall, signal: AbortSignal): Promise<FrigateAnswer> {
    const { status, body } = await this.#exchange(call, signal);
    if (body === undefined) throw this.error("NotFrigate", `answers /api/${pathOf(call)} without end: check url under frigate`);
    return { status, text: body.toString("utf8") };
  }

  async #exchange({ method, path, body, type, within = CALL_LIMIT }: FrigateCall, signal: AbortSignal): Promise<HttpAnswer> {
    const { clock } = this.#options;
    signal.throwIfAborted();
    const deadline = clock.deadline(`Frigate ${method} ${pathOf({ path })}`, within, signal);
    const headers = {
      // Frigate's web server keeps answers for 5 s otherwise (nginx.conf, proxy_cache_bypass).
      "x-cache-bypass": "1",
      ...(type === undefined ? {} : { "content-type": type }),
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
    };
    try {
      return await exchange(
        {
          url: new URL(`${this.place}/api/${path}`),
          method,
          headers,
          ...(body === undefined ? {} : { body }),
          mostBytes: MOST_BYTES,
          onCertificate: (shown) => this.#accept(shown),
        },
        deadline,
      );
    } catch (cause) {
      if (cause instanceof FrigateError) throw cause;
      signal.throwIfAborted();
      if (deadline.aborted) throw this.error("FrigateUnreachable", `did not answer within ${String(within / 1000)} s`);
      const [reason, words] = failure(this.place, codeOf(cause));
      throw this.error(reason, words);
    }
  }

  /** @throws FrigateError where the certificate is not the one that was kept */
  #accept({ fingerprint, trusted }: ShownCertificate): void {
    const { pins, certificate } = this.#options;
    const plain = (text: string): string => text.replaceAll(/[^0-9a-z]/gi, "").toLowerCase();
    if (certificate !== undefined) {
      if (plain(certificate) === plain(fingerprint)) return;
      throw this.error(
        "FrigateCertificateChanged",
        `shows another certificate (SHA-256 ${fingerprint}) than the one of certificate under frigate, so nothing was sent to it; ${REMEDY}`,
      );
    }
    const kept = pins.certificates().get(this.place);
    const now = trusted ? "trusted" : fingerprint;
    if (kept === now) return;
    if (kept === undefined || trusted) {
      pins.saveCertificate(this.place, now);
      return;
    }
    throw this.error(
      "FrigateCertificateChanged",
      `shows another certificate than before (SHA-256 ${fingerprint}), so nothing was sent to it; ${REMEDY}`,
    );
  }

  /** The error that says what is wrong at this Frigate, and the remedy. */
  error(reason: FrigateReason, words: string, status?: number): FrigateError {
    return new FrigateError(reason, `Frigate at ${this.place} ${words}`, status === undefined ? {} : { status });
  }
}

/** The path of a call without its query, which can hold a camera's password. */
export function pathOf({ path }: Pick<FrigateCall, "path">): string {
  return path.replace(/\?.*$/s, "");
}

/** The session's token; its cookie may have any name, and the value is a JSON web token (frigate/api/auth.py, set_jwt_cookie). */
function tokenOf({ headers }: HttpAnswer): string | undefined {
  for (const cookie of headers["set-cookie"] ?? []) {
    const token = /^[^=;]+="?([\w-]+\.[\w-]+\.[\w-]+)"?(?:;|$)/.exec(cookie)?.[1];
    if (token !== undefined) return token;
  }
  return undefined;
}
