import type { Connection } from "home-assistant-js-websocket";
import { seconds } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import { unlessAborted } from "../../runtime/unless-aborted.ts";
import { failureOf, HomeAssistantError } from "./failure.ts";
import { type HomeAssistantAccess, openSocket } from "./socket.ts";

/** How long one answer may take. */
const ANSWER = seconds(15);
/** A machine that lost its power closes no connection: it is asked for a sign of life this often. */
const PING_EVERY = seconds(60);

/** A command of the WebSocket API; its number is the library's business. */
export interface Command {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** One connection that stands. It is not opened again once it is lost. */
export interface Session {
  readonly version: string;
  /** Aborted when it is gone. */
  readonly lost: AbortSignal;
  /** @throws HomeAssistantError; the signal's reason when aborted */
  call(command: Command, signal: AbortSignal): Promise<unknown>;
  /**
   * Subscribes until the session ends, or until what it gives is called.
   * @param onEvent must not throw
   * @throws HomeAssistantError; the signal's reason when aborted
   */
  subscribe(command: Command, onEvent: (event: unknown) => void, signal: AbortSignal): Promise<() => void>;
  close(): void;
}

/**
 * Opens a connection by the library, which is loaded here. Its own reconnecting is not used: it tries every five seconds for ever, and whoever waits for
 * an answer to a subscription is told nothing.
 * @throws HomeAssistantError; the signal's reason when aborted
 */
export async function openSession(access: HomeAssistantAccess, clock: Clock, signal: AbortSignal): Promise<Session> {
  const { createConnection } = await import("home-assistant-js-websocket");
  signal.throwIfAborted();
  const made: { connection?: Connection } = {};
  const isSubscription = (id: unknown): boolean => typeof id === "number" && "callback" in (made.connection?.commands.get(id) ?? {});
  const connection = await createConnection({ createSocket: () => openSocket(access, clock, isSubscription, signal) }).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      throw failureOf(error);
    },
  );
  made.connection = connection;
  const gone = new AbortController();
  const close = (): void => {
    // Before anything else: the library reconnects unless it was told to close.
    connection.close();
    gone.abort(new HomeAssistantError("unreachable", "the connection was lost"));
  };
  connection.addEventListener("disconnected", close);
  if (!connection.connected) close();
  const session = sessionOf(connection, gone.signal, close, clock);
  keepAlive(session, clock).catch(close);
  return session;
}

function sessionOf(connection: Connection, lost: AbortSignal, close: () => void, clock: Clock): Session {
  const answered = async <T>(command: Command, work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    const deadline = clock.deadline(`Home Assistant's answer to ${command.type}`, ANSWER, signal);
    try {
      return await unlessAborted(work(), AbortSignal.any([lost, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.aborted) throw new HomeAssistantError("unreachable", `no answer within ${String(ANSWER / 1000)} s`);
      throw failureOf(error, command.type);
    }
  };
  return {
    version: connection.haVersion,
    lost,
    close,
    call: (command, signal) => answered(command, () => connection.sendMessagePromise<unknown>({ ...command }), signal),
    async subscribe(command, onEvent, signal) {
      const subscribing = connection.subscribeMessage(onEvent, { ...command }, { resubscribe: false });
      const unsubscribe = await answered(command, () => subscribing, signal);
      return () => void unsubscribe().catch(() => undefined);
    },
  };
}

/** Ends with an error: where the session is lost, or gives no sign of life. */
async function keepAlive(session: Session, clock: Clock): Promise<never> {
  for (;;) {
    await clock.wait("Home Assistant's sign of life", PING_EVERY, session.lost);
    await session.call({ type: "ping" }, session.lost);
  }
}
