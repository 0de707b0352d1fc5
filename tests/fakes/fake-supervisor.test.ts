import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { startFakeSupervisor, INGRESS_TOKEN, type FakeSupervisor, type FakeSupervisorOptions } from "./fake-supervisor.ts";
import { frameText } from "./supervisor-websocket.ts";

// What the real Supervisor does, by its own code (github.com/home-assistant/supervisor): supervisor/api/middleware/security.py, proxy.py,
// ingress.py, services.py.

const stack: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of stack.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

async function supervisor(options: FakeSupervisorOptions = {}): Promise<FakeSupervisor> {
  const started = await startFakeSupervisor(options);
  stack.push(started);
  return started;
}

/** A server that stands for Core, or for the app's page. */
async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stack.push({
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
  return (server.address() as AddressInfo).port;
}

async function ask(fake: FakeSupervisor, path: string, token: string | undefined = fake.token, method = "GET") {
  const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(fake.url + path, { method, headers });
  const text = await answer.text();
  return { status: answer.status, body: text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : text };
}

const mosquitto = {
  host: "core-mosquitto",
  port: 1883,
  ssl: false,
  username: "addons",
  password: "canary",
  protocol: "3.1.1",
  addon: "core_mosquitto",
};

describe("the fake Supervisor", () => {
  test("asks for a token, and lets an app ask what its role allows", async () => {
    const fake = await supervisor({
      state: { apps: [{ slug: "ccab4aaf_frigate", name: "Frigate", version: "0.17.2", state: "started" }] },
    });
    expect(await ask(fake, "/addons/self/info", "")).toEqual({ status: 401, body: "401: Unauthorized" });
    expect(await ask(fake, "/addons/self/info", "wrong")).toEqual({ status: 403, body: "403: Forbidden" });
    expect(await ask(fake, "/addons/self/info")).toMatchObject({ status: 200, body: { result: "ok", data: { ingress_port: 62_400 } } });
    expect((await ask(fake, "/addons")).status).toBe(403);
    expect((await ask(fake, "/addons/ccab4aaf_frigate/restart", fake.token, "POST")).status).toBe(403);
    const info = await ask(fake, "/addons/ccab4aaf_frigate/info");
    expect(info).toMatchObject({ status: 200, body: { data: { state: "started", hostname: "ccab4aaf-frigate", options: {} } } });
    expect(await ask(fake, "/supervisor/info")).toMatchObject({
      body: { data: { addons: [{ slug: "ccab4aaf_frigate", state: "started" }] } },
    });
    fake.state.role = "manager";
    expect((await ask(fake, "/addons")).status).toBe(200);
    fake.state.hassioApi = false;
    expect((await ask(fake, "/network/info")).status).toBe(403);
    expect((await ask(fake, "/addons/self/info")).status).toBe(200);
    fake.state.failing = 502;
    expect((await ask(fake, "/addons/self/info")).status).toBe(502);
    expect(fake.requests.map(({ path, status }) => [path, status]).at(-1)).toEqual(["/addons/self/info", 502]);
  });

  test("tells the broker's credentials where an app provides one", async () => {
    const fake = await supervisor();
    expect(await ask(fake, "/services/mqtt")).toEqual({ status: 400, body: { result: "error", message: "Service not enabled" } });
    fake.state.mqtt = mosquitto;
    expect(await ask(fake, "/services/mqtt")).toMatchObject({ status: 200, body: { data: { username: "addons" } } });
    fake.state.mqttWanted = false;
    expect(await ask(fake, "/services/mqtt")).toMatchObject({ status: 403, body: { message: "No access to mqtt service!" } });
  });

  test("passes calls on to Core with Core's token, except those of the Supervisor's own integration", async () => {
    const fake = await supervisor();
    expect((await ask(fake, "/core/api/config")).status).toBe(502);
    const core = createServer((request, response) => response.end(JSON.stringify([request.url, request.headers.authorization])));
    fake.state.core = { url: `http://127.0.0.1:${await listening(core)}`, token: "core" };
    const answer = await fetch(`${fake.url}/core/api/states?x=1`, { headers: { authorization: `Bearer ${fake.token}` } });
    expect(await answer.json()).toEqual(["/api/states?x=1", "Bearer core"]);
    expect((await ask(fake, "/core/api/config", "wrong")).status).toBe(401);
    expect((await ask(fake, "/core/api/hassio/app/entrypoint.js")).status).toBe(403);
  });

  test("joins an app's WebSocket to Core's", async () => {
    const fake = await supervisor();
    const http = createServer();
    const core = new WebSocketServer({ server: http, path: "/api/websocket" });
    core.on("connection", (socket) => {
      socket.send(JSON.stringify({ type: "auth_required" }));
      socket.once("message", (data) => {
        const { access_token: shown } = JSON.parse(frameText(data)) as { access_token: string };
        socket.send(JSON.stringify({ type: shown === "core" ? "auth_ok" : "auth_invalid" }));
        socket.on("message", (more) => socket.send(frameText(more)));
      });
    });
    fake.state.core = { url: `http://127.0.0.1:${await listening(http)}`, token: "core" };
    for (const path of ["/core/websocket", "/core/api/websocket"]) {
      const told = await conversation(fake.url + path, [
        { type: "auth", access_token: fake.token },
        { id: 1, type: "get_states" },
        { id: 2, type: "supervisor/api" },
      ]);
      expect(told.slice(0, 2)).toEqual([expect.objectContaining({ type: "auth_required" }), expect.objectContaining({ type: "auth_ok" })]);
      expect(told).toContainEqual({ id: 1, type: "get_states" });
      expect(told).toContainEqual(expect.objectContaining({ id: 2, success: false }));
    }
    const refused = await conversation(`${fake.url}/core/websocket`, [{ type: "auth", access_token: "wrong" }]);
    expect(refused.at(-1)).toEqual({ type: "auth_invalid", message: "Invalid access" });
  });

  test("passes calls on to the app's page under its ingress path", async () => {
    const fake = await supervisor();
    const page = createServer((request, response) => {
      const { "x-ingress-path": ingress, "x-remote-user-name": user, "x-forwarded-for": from } = request.headers;
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(JSON.stringify({ url: request.url, ingress, user, from }));
    });
    fake.state.self = { ip_address: "127.0.0.1", ingress_port: await listening(page) };
    const headers = {
      cookie: `ingress_session=${fake.state.ingressSession}`,
      "x-ingress-path": "/api/hassio_ingress/x",
      "x-forwarded-for": "10.0.0.9",
    };
    const answer = await fetch(`${fake.url}/ingress/${INGRESS_TOKEN}/a/b?c=d`, { headers });
    expect(answer.headers.get("content-type")).toBe("text/html");
    expect(await answer.json()).toEqual({ url: "/a/b?c=d", ingress: "/api/hassio_ingress/x", user: "owner", from: "10.0.0.9, 127.0.0.1" });
    expect((await fetch(`${fake.url}/ingress/${INGRESS_TOKEN}/`)).status).toBe(401);
    expect((await fetch(`${fake.url}/ingress/other/`, { headers })).status).toBe(503);
    fake.state.self["ingress_port"] = 9;
    expect((await fetch(`${fake.url}/ingress/${INGRESS_TOKEN}/`, { headers })).status).toBe(502);
  });
});

/** Says all that, one after each answer, and hears until there were as many answers again, or the end. */
async function conversation(url: string, say: readonly unknown[]): Promise<readonly unknown[]> {
  const socket = new WebSocket(url.replace(/^http/, "ws"));
  const told: unknown[] = [];
  const waiting = [...say];
  await new Promise<void>((resolve) => {
    socket.on("message", (data) => {
      told.push(JSON.parse(frameText(data)));
      const next = waiting.shift();
      if (next !== undefined) socket.send(JSON.stringify(next));
      if (told.length > say.length) resolve();
    });
    socket.once("close", () => resolve());
  });
  socket.terminate();
  return told;
}
