import { type Duration, hours, milliseconds, minutes, seconds } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import { unlessAborted } from "../../runtime/unless-aborted.ts";
import { HomeAssistantError } from "./failure.ts";
import { openSession, type Session } from "./session.ts";
import type { HomeAssistantAccess } from "./socket.ts";

/** Those who ask within it share one failure. */
const PAUSE = seconds(2);
/** A refused token is a failed login there, of which a person is told each time: 15 min, doubling to 6 h. */
const REFUSED_PAUSE = minutes(15);
const REFUSED_PAUSE_MOST = hours(6);

interface Failure {
  readonly error: unknown;
  /** Monotonic. */
  readonly until: number;
}

/** The one connection to Home Assistant that all who speak to it share: opened when it is asked for, and anew when it was lost. */
export class HomeAssistantLink {
  readonly #access: HomeAssistantAccess;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  #session: Session | undefined;
  #opening: Promise<Session> | undefined;
  #failure: Failure | undefined;
  #refusals = 0;

  constructor(access: HomeAssistantAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
  }

  /** For a person: the address. */
  get place(): string {
    return this.#access.url;
  }

  /** How long to wait before it may answer again. */
  get pause(): Duration {
    return milliseconds(Math.max(0, (this.#failure?.until ?? 0) - this.#clock.monotonic()));
  }

  /** The connection that stands, or a new one. @throws HomeAssistantError; the signal's reason when aborted */
  async session(signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    if (this.#session !== undefined && !this.#session.lost.aborted) return this.#session;
    if (this.#failure !== undefined && this.pause > 0) throw this.#failure.error;
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    return unlessAborted(this.#opening, signal);
  }

  /** Does something by it. @throws what `failed` makes of a HomeAssistantError; the signal's reason when aborted; what else `work` throws */
  async use<T>(failed: (error: HomeAssistantError) => Error, signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await work(await this.session(signal));
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof HomeAssistantError ? failed(error) : error;
    }
  }

  /** Ends the connection for good. */
  close(): void {
    this.#closed.abort(new HomeAssistantError("unreachable", "the program ends"));
    this.#session?.close();
  }

  async #open(): Promise<Session> {
    try {
      const session = await openSession(this.#access, this.#clock, this.#closed.signal);
      this.#session = session;
      this.#failure = undefined;
      this.#refusals = 0;
      return session;
    } catch (error) {
      const isRefused = error instanceof HomeAssistantError && error.kind === "login";
      this.#refusals = isRefused ? this.#refusals + 1 : 0;
      const pause = isRefused ? Math.min(REFUSED_PAUSE_MOST, REFUSED_PAUSE * 2 ** (this.#refusals - 1)) : PAUSE;
      this.#failure = { error, until: this.#clock.monotonic() + pause };
      throw error;
    }
  }
}
