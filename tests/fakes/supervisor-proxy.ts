import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { selfInfo, type SupervisorState } from "./supervisor-state.ts";

// supervisor/api/ingress.py of github.com/home-assistant/supervisor.
const WHOLE_BELOW = 4_194_000;
const NOT_PASSED_ON = new Set(["content-length", "content-encoding", "transfer-encoding", "x-supervisor-token", "x-hassio-key", "host"]);
const NOT_PASSED_BACK = new Set(["transfer-encoding", "content-length", "content-type", "content-encoding", "connection", "keep-alive"]);
const USER = {
  "x-remote-user-id": "0123456789abcdef0123456789abcdef",
  "x-remote-user-name": "owner",
  "x-remote-user-display-name": "Owner",
};

/** Passes a call to /core/api/… on to Core, with Core's own token in place of the app's. */
export async function passToCore(
  core: { readonly url: string; readonly token: string },
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? "").slice("/core".length);
  const type = request.headers["content-type"];
  const headers = { authorization: `Bearer ${core.token}`, ...(type === undefined ? {} : { "content-type": type }) };
  const sent = request.method === "GET" || request.method === "HEAD" ? {} : { body: new Uint8Array(body) };
  const got = await fetch(core.url + path, { method: request.method ?? "GET", headers, ...sent }).catch(() => undefined);
  if (got === undefined || got.status === 401) {
    response.writeHead(502, { "content-type": "text/plain" }).end("502: Bad Gateway");
    return;
  }
  const data = Buffer.from(await got.arrayBuffer());
  response
    .writeHead(got.status, { "content-type": got.headers.get("content-type")?.split(";")[0] ?? "application/octet-stream" })
    .end(data);
}

/** Passes a call to /ingress/TOKEN/… on to the app's page. */
export async function passToIngress(
  state: SupervisorState,
  token: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const refused = refusesIngress(state, token, request);
  if (refused !== undefined) {
    response.writeHead(refused, { "content-type": "text/plain" }).end(String(refused));
    return;
  }
  await new Promise<void>((resolve) => {
    const asked = httpRequest({ ...target(state, token, request), headers: passedOn(request, body.length) }, (answer) => {
      giveBack(request, answer, response);
      response.once("close", resolve);
    });
    asked.once("error", () => {
      response.writeHead(502, { "content-type": "text/plain" }).end("502: Bad Gateway");
      resolve();
    });
    response.once("close", () => asked.destroy());
    asked.end(body);
  });
}

/** What the app answered: short bodies whole, others piece by piece without their length; the charset is lost in both. */
function giveBack(request: IncomingMessage, answer: IncomingMessage, response: ServerResponse): void {
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !NOT_PASSED_BACK.has(name)) headers[name] = value;
  }
  headers["content-type"] = (answer.headers["content-type"] ?? "application/octet-stream").split(";")[0]?.trim();
  const length = answer.headers["content-length"];
  const status = answer.statusCode ?? 502;
  const bodiless = request.method === "HEAD" || status === 204 || status === 304;
  if (!bodiless && length !== undefined && Number(length) < WHOLE_BELOW) headers["content-length"] = length;
  else if (!bodiless) headers["x-accel-buffering"] = "no";
  response.writeHead(status, headers);
  answer.once("error", () => response.destroy());
  answer.pipe(response);
}

/** A WebSocket of the app's page. */
export function tunnelIngress(state: SupervisorState, token: string, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const refused = refusesIngress(state, token, request);
  if (refused !== undefined) {
    socket.end(`HTTP/1.1 ${refused} Refused\r\ncontent-length: 0\r\n\r\n`);
    return;
  }
  const headers = { ...passedOn(request, 0), connection: "Upgrade", upgrade: "websocket" };
  const asked = httpRequest({ ...target(state, token, request), headers });
  asked.once("error", () => socket.destroy());
  asked.once("response", () => socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"));
  asked.once("upgrade", (answer, other, rest) => {
    const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
    socket.write(rest);
    other.write(head);
    other.on("error", () => socket.destroy());
    socket.on("error", () => other.destroy());
    other.pipe(socket).pipe(other);
  });
  asked.end();
}

function refusesIngress(state: SupervisorState, token: string, request: IncomingMessage): number | undefined {
  const session = /(?:^|; )ingress_session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
  if (session !== state.ingressSession) return 401;
  return request.url?.startsWith(`/ingress/${token}/`) === true ? undefined : 503;
}

function target(state: SupervisorState, token: string, request: IncomingMessage) {
  const info = selfInfo(state, token);
  return {
    host: String(info["ip_address"]),
    port: Number(info["ingress_port"]),
    method: request.method ?? "GET",
    path: (request.url ?? "").slice(`/ingress/${token}`.length),
    ...(state.ingressFrom === undefined ? {} : { localAddress: state.ingressFrom }),
  };
}

function passedOn(request: IncomingMessage, length: number): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { ...USER };
  for (const [name, value] of Object.entries(request.headers)) {
    if (!NOT_PASSED_ON.has(name) && !(name in USER)) headers[name] = value;
  }
  headers["x-forwarded-for"] = `${String(request.headers["x-forwarded-for"])}, ${request.socket.remoteAddress ?? ""}`;
  if (length > 0) headers["content-length"] = length;
  return headers;
}
