import { WebSocket } from "ws";
import { frameText } from "../fakes/supervisor-websocket.ts";

/** A state as GET /api/states tells it. */
export interface CoreState {
  readonly entity_id: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly last_changed: string;
}

/** An entry of the entity registry. */
export interface CoreEntity {
  readonly entity_id: string;
  readonly unique_id: string;
  readonly platform: string;
  readonly device_id: string | null;
  readonly entity_category: "diagnostic" | "config" | null;
  readonly disabled_by: string | null;
  readonly original_name: string | null;
  readonly name: string | null;
}

/** An entry of the device registry. */
export interface CoreDevice {
  readonly id: string;
  readonly name: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly sw_version: string | null;
  readonly identifiers: readonly (readonly [string, string])[];
  readonly connections: readonly (readonly [string, string])[];
  readonly via_device_id: string | null;
  readonly configuration_url: string | null;
}

interface Message {
  readonly id?: number;
  readonly type: string;
  readonly success?: boolean;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  readonly event?: unknown;
}

/** Home Assistant's WebSocket and REST API, as its own pages use them. */
export interface CoreClient extends AsyncDisposable {
  /** One command to its result. @throws where Core refuses it, or the connection ends, or after 30 s */
  command<T = unknown>(type: string, fields?: Readonly<Record<string, unknown>>): Promise<T>;
  /** A command whose events go to `onEvent` from then on. */
  subscribe(type: string, fields: Readonly<Record<string, unknown>>, onEvent: (event: unknown) => void): Promise<void>;
  /** A call by REST. @throws where the answer is no success */
  rest<T = unknown>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<T>;
  states(): Promise<ReadonlyMap<string, CoreState>>;
  state(entity: string): Promise<CoreState | undefined>;
  entities(): Promise<readonly CoreEntity[]>;
  devices(): Promise<readonly CoreDevice[]>;
  /** Such as `call("button", "press", { entity_id: "button.x" })`. */
  call(domain: string, service: string, data?: Readonly<Record<string, unknown>>): Promise<void>;
  close(): Promise<void>;
}

const PATIENCE = 30_000;

/** Connects and logs in. @throws where Core is not there or refuses the token */
export async function connectCore(url: string, token: string): Promise<CoreClient> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/api/websocket`, { maxPayload: 64 * 1024 * 1024 });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Map<number, (event: unknown) => void>();
  const admitted = Promise.withResolvers<void>();
  let last = 0;
  const ended = (): void => {
    const gone = new Error("the connection to Home Assistant ended");
    admitted.reject(gone);
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  };
  socket.on("error", () => undefined);
  socket.once("close", ended);
  const hear = (message: Message): void => {
    if (message.type === "auth_required") socket.send(JSON.stringify({ type: "auth", access_token: token }));
    else if (message.type === "auth_ok") admitted.resolve();
    else if (message.type === "auth_invalid") admitted.reject(new Error("Home Assistant refuses the token"));
    else if (message.type === "event") listeners.get(message.id ?? 0)?.(message.event);
    else if (message.type === "result") {
      const asked = waiting.get(message.id ?? 0);
      waiting.delete(message.id ?? 0);
      if (message.success === true) asked?.resolve(message.result);
      else asked?.reject(new Error(`Home Assistant: ${message.error?.code}: ${message.error?.message}`));
    }
  };
  socket.on("message", (data) => {
    const said = JSON.parse(frameText(data)) as Message | readonly Message[];
    for (const message of Array.isArray(said) ? (said as readonly Message[]) : [said as Message]) hear(message);
  });
  const send = async <T>(type: string, fields: Readonly<Record<string, unknown>>, onEvent?: (event: unknown) => void): Promise<T> => {
    const id = ++last;
    const asked = Promise.withResolvers<unknown>();
    waiting.set(id, asked);
    if (onEvent !== undefined) listeners.set(id, onEvent);
    const late = setTimeout(() => asked.reject(new Error(`Home Assistant did not answer ${type} within ${PATIENCE} ms`)), PATIENCE);
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ id, type, ...fields }));
    else asked.reject(new Error("the connection to Home Assistant has ended"));
    try {
      return (await asked.promise) as T;
    } finally {
      clearTimeout(late);
    }
  };
  await admitted.promise;
  const rest = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(url + path, { method, headers, signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as T;
  };
  const states = async (): Promise<ReadonlyMap<string, CoreState>> =>
    new Map((await send<readonly CoreState[]>("get_states", {})).map((state) => [state.entity_id, state]));
  const close = async (): Promise<void> => {
    if (socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.terminate();
    await closed;
  };
  return {
    command: (type, fields = {}) => send(type, fields),
    subscribe: async (type, fields, onEvent) => {
      await send(type, fields, onEvent);
    },
    rest,
    states,
    state: async (entity) => (await states()).get(entity),
    entities: () => send("config/entity_registry/list", {}),
    devices: () => send("config/device_registry/list", {}),
    call: async (domain, service, data = {}) => {
      await send("call_service", { domain, service, service_data: data });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
