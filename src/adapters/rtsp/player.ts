import type { Duration } from "../../domain/duration.ts";
import { milliseconds } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import { openConnection, type RtspConnection, RtspConnectionError } from "./connection.ts";
import { type Challenge, chooseChallenge, type Credentials, parseChallenges } from "./digest.ts";
import { headerValues, type InterleavedFrame, type RtspHeaders, type RtspResponse } from "./message.ts";
import { authorize } from "./prober.ts";
import { findVideoTrack, sessionUri } from "./session-description.ts";
import { parseRtspUrl } from "./url.ts";

const RTP_HEAD = 12;

export interface PlayRequest {
  /** An RTSP URL; its user-info is used where `credentials` is absent. */
  readonly url: string;
  readonly credentials?: Credentials;
  /** Basic is answered too: for a server of our own choosing, such as go2rtc, which offers nothing else. */
  readonly allowBasic?: boolean;
  /** Stops as soon as this many video packets came. */
  readonly enough: number;
  /** Stops after this span in any case. Not kept alive beyond the server's session time-out, 60 s as a rule. */
  readonly within: Duration;
  /** Awaited when enough came or the span is over, while the session is still up: what can only be seen during it. Must be bounded itself. */
  readonly beforeClosing?: () => Promise<void>;
  /** Called at each video packet with how many there are now. */
  readonly onVideo?: (packets: number) => void;
}

export interface PlayReading {
  /** RTP packets with payload on the video track; RTCP is not counted. */
  readonly videoPackets: number;
  /** From the call to the first of them. */
  readonly firstVideoAfter?: Duration;
  /** `no-video`: the description has no video track. `closed`: no connection, or the peer ended it. `refused`: see `status`. */
  readonly ended: "enough" | "span" | "closed" | "refused" | "no-video";
  readonly status?: number;
}

/** A light RTSP client over TCP that looks at one video track and counts its packets. */
export class RtspPlayer {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Never rejects for what the server does. @throws RangeError where `url` is no RTSP URL; the signal's reason when aborted */
  async play(request: PlayRequest, signal: AbortSignal): Promise<PlayReading> {
    const start = this.#clock.monotonic();
    const deadline = this.#clock.deadline("rtsp play", request.within, signal);
    const target = parseRtspUrl(request.url);
    if (target === undefined) throw new RangeError("not an RTSP URL");
    const count: Count = { packets: 0, enough: request.enough, first: undefined, reached: Promise.withResolvers() };
    const onPacket = (): void => {
      count.first ??= milliseconds(this.#clock.monotonic() - start);
      request.onVideo?.(count.packets);
    };
    const beforeClosing = async (): Promise<void> => {
      signal.throwIfAborted();
      await request.beforeClosing?.();
    };
    try {
      const connection = await openConnection(target, deadline);
      try {
        const credentials = request.credentials ?? target.credentials;
        const session = new Session(connection, credentials, request.allowBasic === true, deadline);
        const ended = await watchVideo(session, connection, target.requestUri, { count, onPacket, beforeClosing }, deadline);
        return reading(count, ended);
      } finally {
        connection.close();
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Refused) return reading(count, "refused", error.status);
      if (deadline.aborted) return reading(count, "span");
      if (error instanceof RtspConnectionError) return reading(count, "closed");
      throw error;
    }
  }
}

interface Watching {
  readonly count: Count;
  readonly onPacket: () => void;
  readonly beforeClosing: () => Promise<void>;
}

interface Count {
  packets: number;
  readonly enough: number;
  first: Duration | undefined;
  readonly reached: PromiseWithResolvers<"enough">;
}

class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  constructor(status: number) {
    super(`the server answers ${String(status)}`);
    this.status = status;
  }
}

/** Requests of one session; answers the first challenge and uses it for all that follow. */
class Session {
  readonly #connection: RtspConnection;
  readonly #credentials: Credentials | undefined;
  readonly #allowBasic: boolean;
  readonly #signal: AbortSignal;
  #challenge: Challenge | undefined;
  #used = 0;

  constructor(connection: RtspConnection, credentials: Credentials | undefined, allowBasic: boolean, signal: AbortSignal) {
    this.#connection = connection;
    this.#credentials = credentials;
    this.#allowBasic = allowBasic;
    this.#signal = signal;
  }

  /** @throws Refused for any answer but 200 */
  async request(method: string, uri: string, headers: RtspHeaders): Promise<RtspResponse> {
    let response = await this.#send(method, uri, headers);
    if (response.status === 401 && this.#challenge === undefined) {
      const chosen = chooseChallenge(parseChallenges(headerValues(response.headers, "www-authenticate")), this.#allowBasic);
      if (chosen !== undefined && chosen !== "basic-only") {
        this.#challenge = chosen;
        response = await this.#send(method, uri, headers);
      }
    }
    if (response.status !== 200) throw new Refused(response.status);
    return response;
  }

  #send(method: string, uri: string, headers: RtspHeaders): Promise<RtspResponse> {
    const own: RtspHeaders =
      this.#challenge !== undefined && this.#credentials !== undefined
        ? [["Authorization", authorize(this.#challenge, this.#credentials, method, uri, ++this.#used)]]
        : [];
    return this.#connection.request(method, uri, [...headers, ...own], this.#signal);
  }
}

async function watchVideo(
  session: Session,
  connection: RtspConnection,
  uri: string,
  { count, onPacket, beforeClosing }: Watching,
  signal: AbortSignal,
): Promise<PlayReading["ended"]> {
  const described = await session.request("DESCRIBE", uri, [["Accept", "application/sdp"]]);
  const base = headerValues(described.headers, "content-base")[0] ?? headerValues(described.headers, "content-location")[0] ?? uri;
  const track = findVideoTrack(described.body, base);
  if (track === undefined) return "no-video";
  const setUp = await session.request("SETUP", track.controlUri, [["Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"]]);
  const channel = Number(/interleaved=(\d{1,3})/.exec(headerValues(setUp.headers, "transport")[0] ?? "")?.[1] ?? 0);
  const sessionId = headerValues(setUp.headers, "session")[0]?.split(";", 1)[0]?.trim() ?? "";
  connection.onFrame((frame) => {
    if (frame.channel !== channel || !hasVideo(frame)) return;
    count.packets++;
    onPacket();
    if (count.packets >= count.enough) count.reached.resolve("enough");
  });
  const playUri = sessionUri(described.body, base);
  await session.request("PLAY", playUri, [
    ["Session", sessionId],
    ["Range", "npt=0.000-"],
  ]);
  const ended = await Promise.race([count.reached.promise, connection.ended, expiry(signal)]);
  await beforeClosing();
  connection.tearDown(playUri, sessionId);
  return ended;
}

/** RTP version 2 with something behind its head, and none of the packet types that RTCP uses on a shared channel (RFC 5761 §4). */
function hasVideo({ payload }: InterleavedFrame): boolean {
  const [first = 0, second = 0] = payload;
  return payload.length > RTP_HEAD && first >> 6 === 2 && !(second >= 192 && second <= 223);
}

function expiry(signal: AbortSignal): Promise<"span"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("span");
    else signal.addEventListener("abort", () => resolve("span"), { once: true });
  });
}

function reading(count: Count, ended: PlayReading["ended"], status?: number): PlayReading {
  return {
    videoPackets: count.packets,
    ...(count.first === undefined ? {} : { firstVideoAfter: count.first }),
    ended,
    ...(status === undefined ? {} : { status }),
  };
}
