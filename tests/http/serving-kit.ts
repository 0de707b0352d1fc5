import { createServer } from "node:http";
import { once } from "node:events";
import { expect } from "vitest";
import { listenHttp } from "../../src/adapters/system/http-socket.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { planNow } from "../../src/commands/plan-documents.ts";
import { type Reason, type ReasonCode, REASONS } from "../../src/domain/reasons.ts";
import { Secret } from "../../src/config/secret.ts";
import { createServing, type ServeParts, type Serving } from "../../src/http/serve.ts";
import { createHomeView } from "../../src/reconcilers/home-view.ts";
import type { FakeHome } from "../reconcilers/fake-home.ts";
import { FakeLog } from "../fakes/fake-log.ts";

export const TOKEN = "canary-token-of-the-api";
export const BEARER = { authorization: `Bearer ${TOKEN}` };

export interface Served extends AsyncDisposable {
  readonly serving: Serving;
  readonly log: FakeLog;
  /** `http://127.0.0.1:PORT` of the API's port and of the metrics' port. */
  readonly api: string;
  readonly metrics: string;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** The home's listeners on free loopback ports, with real sockets and real time. */
export async function serveHome(home: FakeHome, more: Partial<ServeParts> = {}): Promise<Served> {
  const { engine, registry, status, servers, targets } = home;
  const clock = createSystemClock();
  const log = new FakeLog();
  const opened = { api: Promise.withResolvers<number>(), metrics: Promise.withResolvers<number>() };
  const waiting = [opened.api, opened.metrics];
  const serving = createServing({
    host: "127.0.0.1",
    port: 0,
    metricsPort: 0,
    token: new Secret(TOKEN),
    version: "1.2.3",
    view: createHomeView({ engine, registry, status, servers: servers.map(({ name }) => name) }),
    actions: engine.actions,
    plan: (signal) => planNow(targets, engine.fleet.devices, registry, signal),
    listen: async (web, where, signal) => {
      const next = waiting.shift();
      const socket = await listenHttp(web, where, clock, signal);
      next?.resolve(socket.port);
      return socket;
    },
    clock,
    random: () => 0.5,
    status,
    log,
    ...more,
  });
  const stop = new AbortController();
  const ended = serving.run(stop.signal);
  const [api, metrics] = await Promise.all([opened.api.promise, opened.metrics.promise]);
  return {
    serving,
    log,
    stop,
    ended,
    api: `http://127.0.0.1:${String(api)}`,
    metrics: `http://127.0.0.1:${String(metrics)}`,
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error("over"));
      await ended;
    },
  };
}

export interface Asked {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** One request, with the token unless `headers` are given. */
export async function ask(url: string, init: RequestInit = {}): Promise<Asked> {
  const response = await fetch(url, { headers: BEARER, ...init });
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  return {
    status: response.status,
    type,
    headers: response.headers,
    text,
    json: /json/.test(type) && text !== "" ? (JSON.parse(text) as never) : {},
  };
}

/** A POST of JSON, with the token. */
export function post(url: string, body?: unknown, headers: Readonly<Record<string, string>> = BEARER): Promise<Asked> {
  const json = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  return ask(url, {
    method: "POST",
    headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...json,
  });
}

/** The answer is a problem as RFC 9457 has it, with this status and reason. */
export function expectProblem(asked: Asked, status: number, reason: string): void {
  expect(asked.type).toBe("application/problem+json; charset=utf-8");
  expect(asked.json).toMatchObject({ status, reason, type: `urn:camera-shepherd:reason:${reason}` });
  expect(asked.status).toBe(status);
  expect(asked.json["title"]).toBeTruthy();
  expect(asked.json["detail"]).toBeTruthy();
  const ofVerb: Reason | undefined = REASONS[reason as ReasonCode];
  if (ofVerb === undefined) expect(asked.json["nextStep"]).toMatch(/^[A-Z].*\.$/);
  else expect(asked.json).toMatchObject({ nextStep: ofVerb.nextStep, ...(ofVerb.ask === undefined ? {} : { ask: { verb: ofVerb.ask } }) });
}

/** Somebody else's server on a loopback port. */
export async function occupied(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : expect.unreachable(),
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
