import { randomBytes } from "node:crypto";
import type { IpAddress } from "../../domain/addresses.ts";
import type { Duration } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import type { GreetingReading, LoginReading, RtspProber } from "../../ports/prober.ts";
import { openConnection, type RtspConnection, RtspConnectionError, type RtspEndpoint } from "./connection.ts";
import { basicAuthorization, type Challenge, chooseChallenge, type Credentials, digestAuthorization, parseChallenges } from "./digest.ts";
import { headerValues, type RtspHeaders, type RtspResponse } from "./message.ts";
import { parseRtspUrl, type RtspUrl } from "./url.ts";

const RTSPS_PORT = 322;

/** Asks RTSP servers who they are, and tries a login the careful way: nothing secret before a challenge, Digest, one try. */
export class RtspDescribeProber implements RtspProber {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async greeting(address: IpAddress, port: number, path: string, within: Duration, signal: AbortSignal): Promise<GreetingReading> {
    const tls = port === RTSPS_PORT;
    const uri = `${tls ? "rtsps" : "rtsp"}://${address}:${String(port)}${path.startsWith("/") || path === "" ? path : `/${path}`}`;
    const deadline = this.#clock.deadline("rtsp greeting", within, signal);
    try {
      return await greet({ host: address, port, tls }, uri, deadline);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RtspConnectionError) return { kind: error.reason === "not-rtsp" ? "not-rtsp" : "no-answer" };
      if (deadline.aborted) return { kind: "no-answer" };
      throw error;
    }
  }

  async login(url: string, allowBasic: boolean, within: Duration, signal: AbortSignal): Promise<LoginReading> {
    const target = parseRtspUrl(url);
    if (target === undefined) return "not-found";
    const deadline = this.#clock.deadline("rtsp login", within, signal);
    try {
      return await logIn(target, allowBasic, deadline);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RtspConnectionError || deadline.aborted) return "no-answer";
      throw error;
    }
  }
}

/** The value of `Authorization` for one request, with a fresh random client nonce; `count`: see `DigestUse`. */
export function authorize(challenge: Challenge, credentials: Credentials, method: string, uri: string, count: number): string {
  if (challenge.scheme === "basic") return basicAuthorization(credentials);
  return digestAuthorization(challenge, credentials, { method, uri, cnonce: randomBytes(16).toString("hex"), count });
}

/** Both requests go over one connection: some servers know a nonce only on the connection that they gave it out on (live555). */
async function logIn(target: RtspUrl, allowBasic: boolean, signal: AbortSignal): Promise<LoginReading> {
  const connection = await openConnection(target, signal);
  try {
    const first = await describe(connection, target.requestUri, [], signal);
    if (first.status !== 401 || target.credentials === undefined) return readLogin(first.status);
    const challenge = chooseChallenge(parseChallenges(headerValues(first.headers, "www-authenticate")), allowBasic);
    if (challenge === "basic-only") return challenge;
    if (challenge === undefined) return "unauthorized";
    const authorization = authorize(challenge, target.credentials, "DESCRIBE", target.requestUri, 1);
    return readLogin((await describe(connection, target.requestUri, [["Authorization", authorization]], signal)).status);
  } finally {
    connection.close();
  }
}

async function greet(endpoint: RtspEndpoint, uri: string, signal: AbortSignal): Promise<GreetingReading> {
  const connection = await openConnection(endpoint, signal);
  try {
    return readGreeting(await describe(connection, uri, [], signal));
  } finally {
    connection.close();
  }
}

function describe(connection: RtspConnection, uri: string, headers: RtspHeaders, signal: AbortSignal): Promise<RtspResponse> {
  return connection.request("DESCRIBE", uri, [["Accept", "application/sdp"], ...headers], signal);
}

function readGreeting({ status, headers }: RtspResponse): GreetingReading {
  if (status === 200) return { kind: "open" };
  const challenges = status === 401 ? parseChallenges(headerValues(headers, "www-authenticate")) : [];
  const [first] = challenges;
  if (first === undefined) return { kind: "refused", status };
  const chosen = challenges.find((challenge) => challenge.scheme === "digest") ?? first;
  const schemes = [...new Set(challenges.map((challenge) => challenge.scheme))];
  const [server] = headerValues(headers, "server");
  return {
    kind: "challenge",
    schemes,
    ...(chosen.realm === undefined ? {} : { realm: chosen.realm }),
    ...(server === undefined ? {} : { server: server.slice(0, 80) }),
  };
}

/** An answer that says nothing of the password (a server that is busy or broken) counts as none. */
function readLogin(status: number): LoginReading {
  if (status === 200) return "accepted";
  if (status === 401 || status === 403) return "unauthorized";
  return status === 404 ? "not-found" : "no-answer";
}
