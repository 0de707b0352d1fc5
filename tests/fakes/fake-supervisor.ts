import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerToCore, supervisorInfo } from "./supervisor-core-facts.ts";
import { defaultState, selfInfo, SLUG, type SupervisorState } from "./supervisor-state.ts";
import { passToCore, passToIngress, tunnelIngress } from "./supervisor-proxy.ts";
import { joinCore } from "./supervisor-websocket.ts";

/** One request as it came. */
export interface SupervisorRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage["headers"];
  readonly status: number;
}

export interface FakeSupervisorOptions {
  /** Default: one that is free. */
  readonly port?: number;
  /** Default 127.0.0.1; a Home Assistant OS has it at 172.30.32.2. */
  readonly host?: string;
  readonly state?: Partial<SupervisorState>;
}

/**
 * Home Assistant's Supervisor as its apps and Core see it: who may ask what, the answers' envelope, the proxies to Core and to the app's page.
 * Not in it: the queries that it filters as harmful, and everything of which `supervisor-state.ts` has no field.
 */
export interface FakeSupervisor extends AsyncDisposable {
  /** Where it listens, without a slash at the end: what an app knows as http://supervisor. */
  readonly url: string;
  /** What Core's environment has as SUPERVISOR. */
  readonly authority: string;
  /** What the app's environment has as SUPERVISOR_TOKEN. */
  readonly token: string;
  /** What Core's environment has as SUPERVISOR_TOKEN. */
  readonly coreToken: string;
  /** May be changed at any time; the next request sees it. */
  readonly state: SupervisorState;
  /** The last 5,000 requests. */
  readonly requests: readonly SupervisorRequest[];
  /** Ends every WebSocket to Core, as a restart of either does. */
  dropWebSockets(): void;
  stop(): Promise<void>;
}

const REQUESTS_KEPT = 5000;
const BODY_MOST = 16 * 1024 * 1024;
export const INGRESS_TOKEN = "bRyAuCvsx5yTFFEXhyWeaUHTU3jsMgi9";

// supervisor/api/middleware/security.py of github.com/home-assistant/supervisor: NO_SECURITY_CHECK, ADDONS_API_BYPASS, ADDONS_ROLE_ACCESS.
const ANYBODY =
  /^(?:\/(?:store\/)?addons\/[-_.A-Za-z0-9]+\/(?:icon|logo)|\/core\/api\/.*|\/core\/websocket|\/supervisor\/ping|\/ingress\/[-_A-Za-z0-9]+\/.*)$/;
const EVERY_APP = /^(?:\/addons\/self\/(?!security|update)[^/]+|\/addons\/self\/options\/config|\/info|\/services.*|\/discovery.*|\/auth)$/;
const ROLES = {
  default: /^\/.+\/info$/,
  homeassistant: /^(?:\/.+\/info|\/core\/.+|\/homeassistant\/.+)$/,
  manager:
    /^(?:\/.+\/info|\/addons(?:\/[-_.A-Za-z0-9]+\/(?!security).+|\/reload)?|\/(?:core|homeassistant|host|network|supervisor|store|os|resolution)\/.+)$/,
} as const;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** GET /addons/SLUG/stats, of a container at rest. */
const STATS = {
  cpu_percent: 0.4,
  memory_usage: 104_857_600,
  memory_limit: 4_294_967_296,
  memory_percent: 2.4,
  network_tx: 0,
  network_rx: 0,
  blk_read: 0,
  blk_write: 0,
};

const ok = (data: unknown = {}): Answer => ({ status: 200, body: { result: "ok", data } });
const error = (status: number, message: string): Answer => ({ status, body: { result: "error", message } });
const bare = (status: number, title: string): Answer => ({ status, body: `${status}: ${title}` });

/** Starts it. */
export async function startFakeSupervisor(options: FakeSupervisorOptions = {}): Promise<FakeSupervisor> {
  const state: SupervisorState = { ...defaultState(), ...options.state };
  const requests: SupervisorRequest[] = [];
  const token = `canary-app-${crypto.randomUUID()}`;
  const coreToken = `canary-core-${crypto.randomUUID()}`;
  const record = (request: IncomingMessage, body: string, status: number): void => {
    requests.push({ method: request.method ?? "", path: request.url ?? "", body, headers: request.headers, status });
    if (requests.length > REQUESTS_KEPT) requests.shift();
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const path = new URL(request.url ?? "/", "http://supervisor").pathname;
    response.once("finish", () => record(request, body.toString(), response.statusCode));
    if (state.failing !== undefined) {
      send(response, bare(state.failing, "Bad Gateway"));
      return;
    }
    if (/^\/ingress\/(?!panels$|session$|validate_session$)/.test(path)) {
      await passToIngress(state, INGRESS_TOKEN, request, body, response);
      return;
    }
    if (path.startsWith("/core/api/")) {
      if (bearer(request) !== token || !state.homeAssistantApi) send(response, bare(401, "Unauthorized"));
      else if (path.startsWith("/core/api/hassio")) send(response, bare(403, "Forbidden"));
      else if (state.core === undefined) send(response, bare(502, "Bad Gateway"));
      else await passToCore(state.core, request, body, response);
      return;
    }
    send(response, refusal(request, path) ?? answer(state, request, path, body.toString(), bearer(request) === coreToken));
  };

  const refusal = (request: IncomingMessage, path: string): Answer | undefined => {
    const shown = bearer(request);
    if (ANYBODY.test(path) || shown === coreToken) return undefined;
    if (shown === undefined) return bare(401, "Unauthorized");
    if (shown !== token) return bare(403, "Forbidden");
    if (EVERY_APP.test(path)) return undefined;
    return state.hassioApi && ROLES[state.role].test(path) ? undefined : bare(403, "Forbidden");
  };

  const server = createServer((request, response) => {
    void handle(request, response).catch((failure: unknown) => {
      if (!response.headersSent) send(response, error(500, String(failure)));
      else response.destroy();
    });
  });
  const joined = joinCore(token, state);
  server.on("upgrade", (request, socket, head) => {
    const path = new URL(request.url ?? "/", "http://supervisor").pathname;
    socket.on("error", () => undefined);
    if (state.failing === undefined && path.startsWith("/ingress/")) tunnelIngress(state, INGRESS_TOKEN, request, socket, head);
    else if (state.failing === undefined && state.core !== undefined && /^\/core\/(?:api\/)?websocket$/.test(path)) {
      record(request, "", 101);
      joined.accept(request, socket, head);
    } else {
      record(request, "", state.failing ?? 502);
      socket.end(`HTTP/1.1 ${state.failing ?? 502} Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
    }
  });
  server.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve);
  });
  const { port, address } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    joined.drop();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const authority = `${address}:${port}`;
  return {
    url: `http://${authority}`,
    authority,
    token,
    coreToken,
    state,
    requests,
    dropWebSockets: () => joined.drop(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** What each path says, once it is sure that it may be asked. */
function answer(state: SupervisorState, request: IncomingMessage, path: string, body: string, byCore: boolean): Answer {
  const call = `${request.method} ${path}`;
  const picture = state.pages?.picture(path);
  if (picture !== undefined) return { status: 200, body: picture };
  switch (call) {
    case "GET /supervisor/ping":
      return ok();
    case "GET /addons/self/info":
    case `GET /addons/${SLUG}/info`:
      return ok(selfInfo(state, INGRESS_TOKEN));
    case `GET /addons/${SLUG}/stats`:
      return ok(STATS);
    case "POST /addons/self/options":
      Object.assign(state.self, JSON.parse(body));
      return ok();
    case "POST /addons/self/restart":
    case "POST /addons/self/stop":
      return ok();
    case "GET /services":
      return ok({
        services: [{ slug: "mqtt", available: state.mqtt !== undefined, providers: state.mqtt === undefined ? [] : ["core_mosquitto"] }],
      });
    case "GET /services/mqtt":
      if (!state.mqttWanted) return error(403, "No access to mqtt service!");
      return state.mqtt === undefined ? error(400, "Service not enabled") : ok(state.mqtt);
    case "GET /network/info":
      return ok(state.network);
    case "GET /addons":
      return ok({ addons: state.apps.map(listed) });
    case "GET /supervisor/info":
      return ok({ ...supervisorInfo, addons: state.apps.map(listed) });
  }
  const [, slug = "", verb = ""] = /^\/addons\/([-_.A-Za-z0-9]+)\/(\w+)$/.exec(path) ?? [];
  if (slug !== "") {
    const app = state.apps.find((one) => one.slug === slug);
    if (app === undefined) return error(404, `App ${slug} does not exist`);
    if (call === `GET /addons/${slug}/info`) {
      return ok({
        ...listed(app),
        hostname: slug.replaceAll("_", "-"),
        dns: [`${slug.replaceAll("_", "-")}.local.hass.io`],
        options: {},
        ...app.info,
      });
    }
    if (request.method === "POST" && ["start", "stop", "restart"].includes(verb)) {
      app.state = verb === "stop" ? "stopped" : "started";
      return ok();
    }
  }
  if (byCore) return coreAnswer(state, call, body);
  return bare(404, "Not Found");
}

/** What Core asks for at its start and for its own pages. */
function coreAnswer(state: SupervisorState, call: string, body: string): Answer {
  if (call === "GET /store" && state.pages !== undefined) return ok(state.pages.store());
  const known = answerToCore(state, call);
  if (known !== undefined) return ok(known);
  if (call === "POST /ingress/session") return ok({ session: state.ingressSession });
  if (call === "POST /ingress/validate_session") {
    return (JSON.parse(body) as { session?: string }).session === state.ingressSession ? ok() : bare(401, "Unauthorized");
  }
  return call.startsWith("POST ") ? ok() : bare(404, "Not Found");
}

function listed(app: SupervisorState["apps"][number]): Record<string, unknown> {
  const { info: _, ...rest } = app;
  const common = {
    description: "",
    stage: "stable",
    version_latest: app.version,
    update_available: false,
    available: true,
    detached: false,
  };
  return { ...common, homeassistant: null, repository: app.slug.split("_")[0], build: false, url: null, icon: false, logo: false, ...rest };
}

function bearer(request: IncomingMessage): string | undefined {
  const { authorization, "x-supervisor-token": header } = request.headers;
  return /^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? (typeof header === "string" ? header : undefined);
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (Buffer.isBuffer(body)) {
    response.writeHead(status, { "content-type": "image/png" }).end(body);
    return;
  }
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, { "content-type": typeof body === "string" ? "text/plain; charset=utf-8" : "application/json" }).end(text);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > BODY_MOST) throw new Error("more than the Supervisor reads");
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
