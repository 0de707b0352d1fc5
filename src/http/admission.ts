import { createHash, timingSafeEqual } from "node:crypto";
import { seconds } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";
import { type ProblemError, requestProblem } from "./problem.ts";
import { RateLimit } from "./rate-limit.ts";

/** Addresses whose requests are counted, each for itself. */
const ADDRESSES = 1024;

export interface AdmissionOptions {
  readonly clock: Pick<Clock, "monotonic">;
  /** Absent: nobody is asked for one. Then only this machine reaches the listener. */
  readonly token?: { reveal(): string };
  /** The address that is listened on: a name that a Host header may hold. */
  readonly host: string;
  /** False for a listener that is open to a network by purpose, where any name may lead to it. */
  readonly guardsHost: boolean;
}

/** What a request shows of itself before its body is read. */
export interface Applicant {
  readonly method: string;
  readonly remote: string | undefined;
  readonly host: string | undefined;
  readonly authorization: string | undefined;
  readonly origin: string | undefined;
  readonly site: string | undefined;
  /** The token is needed for what is asked. */
  readonly isProtected: boolean;
  /** It costs something: at most so many an address. */
  readonly isLimited: boolean;
}

/** Decides who may ask. One for each listener: it remembers how often an address has asked. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #asks: RateLimit;
  readonly #failures: RateLimit;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#asks = new RateLimit({ clock: options.clock, burst: 30, every: seconds(2), addresses: ADDRESSES });
    this.#failures = new RateLimit({ clock: options.clock, burst: 10, every: seconds(6), addresses: ADDRESSES });
  }

  /** Addresses that are remembered now, of both tables. */
  get remembered(): number {
    return this.#asks.size + this.#failures.size;
  }

  /** @returns why it may not; undefined where it may */
  refusal(one: Applicant): ProblemError | undefined {
    return this.#byToken(one) ?? this.#byOrigin(one) ?? this.#byRate(one);
  }

  /** The right token in the request; from an address that guessed too often not even that is looked at. */
  #byToken(one: Applicant): ProblemError | undefined {
    const { token } = this.#options;
    if (token === undefined || (!one.isProtected && one.authorization === undefined)) return undefined;
    const wait = this.#failures.wait(one.remote);
    if (wait !== undefined) return tooMany("wrong tokens", wait);
    if (one.authorization === undefined)
      return requestProblem("TokenMissing", "send it as Authorization: Bearer TOKEN", { headers: { "www-authenticate": "Bearer" } });
    const given = /^Bearer +([^\s]+) *$/i.exec(one.authorization)?.[1];
    if (given !== undefined && isSame(given, token.reveal())) return undefined;
    this.#failures.take(one.remote);
    const headers = { "www-authenticate": 'Bearer error="invalid_token"' };
    return requestProblem("TokenWrong", "it must be that of http.token", { headers });
  }

  /** Against pages of other sites that a browser on this machine shows, and names of theirs that suddenly lead here. */
  #byOrigin(one: Applicant): ProblemError | undefined {
    if (!this.#options.guardsHost || (this.#options.token !== undefined && one.authorization !== undefined)) return undefined;
    if (!this.#isOurName(one.host)) return requestProblem("HostRefused", "use the address that is listened on, localhost, or http.token");
    const isForeign = one.site !== undefined && one.site !== "same-origin" && one.site !== "none";
    const isElsewhere = one.origin !== undefined && one.origin !== `http://${one.host ?? ""}`;
    if (one.method === "GET" || one.method === "HEAD" || !(isForeign || isElsewhere)) return undefined;
    return requestProblem("OriginRefused", "only programs and this address's own pages may ask");
  }

  #byRate(one: Applicant): ProblemError | undefined {
    const wait = one.isLimited ? this.#asks.take(one.remote) : undefined;
    return wait === undefined ? undefined : tooMany("requests", wait);
  }

  /** An address written in digits cannot be another site's name. */
  #isOurName(header: string | undefined): boolean {
    const name = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/i.exec(header ?? "")?.[1]?.toLowerCase();
    if (name === undefined) return false;
    return (
      name === "localhost" || name === this.#options.host.toLowerCase() || name.startsWith("[") || /^(?:\d{1,3}\.){3}\d{1,3}$/.test(name)
    );
  }
}

function tooMany(what: string, wait: number): ProblemError {
  const after = String(Math.max(1, Math.ceil(wait / 1000)));
  return requestProblem("TooManyRequests", `too many ${what} from this address; again in ${after} s`, {
    headers: { "retry-after": after },
  });
}

/** Compares without telling by its time how much of it is right. */
function isSame(given: string, right: string): boolean {
  const [one, other] = [given, right].map((text) => createHash("sha256").update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
