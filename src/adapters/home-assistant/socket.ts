import type { HaWebSocket } from "home-assistant-js-websocket";
import { seconds } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import { unlessAborted } from "../../runtime/unless-aborted.ts";
import { exchange, untrustedWords } from "../system/http-exchange.ts";
import { HomeAssistantError } from "./failure.ts";

const LOGIN = seconds(10);
/** A home of a thousand devices answers some 2 MB; who sends more is not Home Assistant. */
const LONGEST = 32 * 1024 * 1024;

/** Where Home Assistant is, and what opens it. */
export interface HomeAssistantAccess {
  /** Such as `http://homeassistant.local:8123`, or the Supervisor's `http://supervisor/core`. */
  readonly url: string;
  readonly token: { reveal(): string };
}

/**
 * Opens a WebSocket and logs in (https://developers.home-assistant.io/docs/api/websocket#authentication-phase). What is no message of Home Assistant's
 * closes it: the library reads each as if it were one, and would throw where nobody catches it.
 * @param isSubscription whether events of this number were asked for; others are dropped
 * @throws HomeAssistantError; the signal's reason when aborted
 */
export async function openSocket(
  { url, token }: HomeAssistantAccess,
  clock: Clock,
  isSubscription: (id: unknown) => boolean,
  signal: AbortSignal,
): Promise<HaWebSocket> {
  const socket = new WebSocket(`${url.replace(/^http/i, "ws").replace(/\/+$/, "")}/api/websocket`);
  const deadline = clock.deadline("Home Assistant's login", LOGIN, signal);
  const loggedIn = Promise.withResolvers<string>();
  let told = "no WebSocket of Home Assistant's answers there";
  const onMessage = (event: MessageEvent): void => {
    const messages = readMessages(event.data);
    if (messages === undefined) {
      event.stopImmediatePropagation();
      told = "what answers there is not Home Assistant";
      socket.close();
      return;
    }
    if (messages.some(({ type, id }) => type === "event" && !isSubscription(id))) event.stopImmediatePropagation();
    for (const { type, ha_version: version } of messages) {
      if (type === "auth_required") socket.send(JSON.stringify({ type: "auth", access_token: token.reveal() }));
      if (type === "auth_invalid") loggedIn.reject(new HomeAssistantError("login", "it refuses the token"));
      if (type === "auth_ok") loggedIn.resolve(typeof version === "string" ? version : "0.0.0");
    }
  };
  socket.addEventListener("message", onMessage);
  socket.addEventListener("error", () => loggedIn.reject(new HomeAssistantError("unreachable", told)));
  socket.addEventListener("close", () => loggedIn.reject(new HomeAssistantError("unreachable", told)));
  try {
    const version = await unlessAborted(loggedIn.promise, deadline);
    return Object.assign(socket, { haVersion: version });
  } catch (error) {
    socket.close();
    signal.throwIfAborted();
    if (deadline.aborted) throw new HomeAssistantError("unreachable", `it did not let us in within ${String(LOGIN / 1000)} s`);
    const untrusted = /^https:/i.test(url) ? await untrustedBy(url, deadline) : undefined;
    signal.throwIfAborted();
    throw untrusted === undefined ? error : new HomeAssistantError("unreachable", untrusted, { cause: error });
  }
}

/** What is wrong with the certificate: a WebSocket does not say why it failed. */
async function untrustedBy(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    await exchange({ url: new URL(url), method: "GET", headers: {}, mostBytes: 0 }, signal);
    return undefined;
  } catch (error) {
    return untrustedWords(error);
  }
}

interface Message {
  readonly type: string;
  readonly id?: unknown;
  readonly ha_version?: unknown;
}

/** Undefined for anything but one message, or several in a list. */
function readMessages(data: unknown): readonly Message[] | undefined {
  if (typeof data !== "string" || data.length > LONGEST) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch {
    return undefined;
  }
  const all: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  return all.every(isMessage) ? all : undefined;
}

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
