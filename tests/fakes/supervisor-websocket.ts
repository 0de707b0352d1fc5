import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer, type RawData } from "ws";
import type { SupervisorState } from "./supervisor-state.ts";

/** The Supervisor's proxy of Core's WebSocket. */
export interface JoinedCore {
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends them all. */
  drop(): void;
}

interface Message {
  readonly id?: number;
  readonly type?: string;
  readonly access_token?: string;
  readonly api_password?: string;
}

const VERSION = "2026.11.0";

/**
 * Asks the app for its own token, then speaks to Core with Core's: supervisor/api/proxy.py, `websocket`. Commands of the Supervisor's own are
 * refused, as since 2026.08.0.
 */
export function joinCore(token: string, state: SupervisorState): JoinedCore {
  const server = new WebSocketServer({ noServer: true });
  const open = new Set<WebSocket>();
  const keep = (socket: WebSocket): void => {
    open.add(socket);
    socket.on("error", () => socket.terminate());
    socket.once("close", () => open.delete(socket));
  };
  const serve = (app: WebSocket): void => {
    keep(app);
    app.send(JSON.stringify({ type: "auth_required", ha_version: VERSION }));
    app.once("message", (data) => {
      const shown = parse(data);
      const { core } = state;
      if (core === undefined) app.close();
      else if ((shown?.api_password ?? shown?.access_token) !== token || !state.homeAssistantApi) {
        app.send(JSON.stringify({ type: "auth_invalid", message: "Invalid access" }));
        app.close();
      } else {
        app.send(JSON.stringify({ type: "auth_ok", ha_version: VERSION }));
        join(app, core);
      }
    });
  };
  const join = (app: WebSocket, { url, token: coreToken }: { readonly url: string; readonly token: string }): void => {
    const core = new WebSocket(`${url.replace(/^http/, "ws")}/api/websocket`);
    keep(core);
    const waiting: string[] = [];
    let admitted = false;
    core.on("message", (data) => {
      if (admitted) app.send(frameText(data));
      else if (parse(data)?.type === "auth_required") core.send(JSON.stringify({ type: "auth", access_token: coreToken }));
      else if (parse(data)?.type === "auth_ok") {
        admitted = true;
        for (const message of waiting.splice(0)) core.send(message);
      } else app.close();
    });
    app.on("message", (data) => {
      const message = parse(data);
      if (/^(?:supervisor|hassio)\//.test(message?.type ?? "")) {
        app.send(
          JSON.stringify({ id: message?.id, type: "result", success: false, error: { code: "unauthorized", message: "Unauthorized" } }),
        );
      } else if (admitted) core.send(frameText(data));
      else waiting.push(frameText(data));
    });
    core.once("close", () => app.close());
    app.once("close", () => core.close());
  };
  return {
    accept: (request, socket, head) => server.handleUpgrade(request, socket, head, serve),
    drop: () => {
      for (const socket of open) socket.terminate();
    },
  };
}

/** What one message says. */
export function frameText(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString("utf8") : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]).toString("utf8");
}

/** The message where it is one; Core's own answers may come as a list, of which the proxy knows nothing. */
function parse(data: RawData): Message | undefined {
  try {
    return JSON.parse(frameText(data)) as Message;
  } catch {
    return undefined;
  }
}
