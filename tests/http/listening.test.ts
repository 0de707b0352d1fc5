import { connect } from "node:net";
import { once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { listenHttp } from "../../src/adapters/system/http-socket.ts";
import { seconds } from "../../src/domain/duration.ts";
import { at, FakeHome, FRONT } from "../reconcilers/fake-home.ts";
import { ask, BEARER, expectProblem, occupied, post, serveHome } from "./serving-kit.ts";

describe("the ports", () => {
  it("that are taken are a condition and tried again, and the cameras are looked after meanwhile", async () => {
    const home = new FakeHome();
    const other = await occupied();
    const { port } = other;
    const clock = { ...createSystemClock(), wait: () => new Promise<void>((resolve) => setTimeout(resolve, 5)) };
    let tries = 0;
    const listen = (
      web: Parameters<typeof listenHttp>[0],
      where: { readonly host: string; readonly port: number },
      signal: AbortSignal,
    ) => {
      tries += 1;
      return listenHttp(web, where.port === 1 ? { ...where, port } : where, clock, signal);
    };
    const { createServing } = await import("../../src/http/serve.ts");
    const { createHomeView } = await import("../../src/reconcilers/home-view.ts");
    const { engine, registry, status, log } = home;
    const view = createHomeView({ engine, registry, status, servers: [] });
    const parts = { host: "127.0.0.1", port: 1, version: "1", view, actions: engine.actions, random: () => 0, status, log };
    const serving = createServing({ ...parts, plan: () => Promise.resolve({}), listen, clock });
    const stop = new AbortController();
    const ended = serving.run(stop.signal);
    await vi.waitFor(() => expect(tries).toBeGreaterThan(2));
    expect(status.get("http/api")).toMatchObject({
      status: "problem",
      reason: "PortUnavailable",
      message: "127.0.0.1:1 is taken by another program (EADDRINUSE)",
    });
    await home.start();
    expect(home.reason("device/front")).toBe("Healthy");
    await other[Symbol.asyncDispose]();
    await vi.waitFor(() => expect(status.get("http/api")).toMatchObject({ status: "ok", reason: "Healthy" }));
    expect((await ask(`http://127.0.0.1:${String(port)}/health`)).status).toBe(200);
    stop.abort();
    await ended;
    await home.stop();
  });

  it("are closed at the end within 5 s: what is asked is told so, and whoever sends no more is cut off", { timeout: 20_000 }, async () => {
    const home = new FakeHome();
    await home.start();
    const served = await serveHome(home, { plan: () => Promise.withResolvers<object>().promise });
    const { port } = new URL(served.api);
    const half = connect(Number(port), "127.0.0.1").on("error", () => undefined);
    await once(half, "connect");
    half.write(`POST /api/resync HTTP/1.1\r\nHost: x\r\nAuthorization: ${BEARER.authorization}\r\nContent-Length: 9\r\n\r\n{`);
    const asked = ask(`${served.api}/api/plan`);
    await ask(`${served.api}/health`);
    await vi.waitFor(async () => expect((await ask(`${served.api}/health`)).status).toBe(200));
    const begun = performance.now();
    served.stop.abort();
    expectProblem(await asked, 503, "Stopping");
    await served.ended;
    expect(performance.now() - begun).toBeLessThan(5000);
    await expect(ask(`${served.api}/health`)).rejects.toThrow("fetch failed");
    expect(served.log.messages("error")).toEqual([]);
    await home.stop();
  });

  it("are not held by somebody who sends a header a byte at a time", { timeout: 30_000 }, async () => {
    const home = new FakeHome();
    await using served = await serveHome(home);
    const { port } = new URL(served.api);
    const slow = Array.from({ length: 20 }, () => connect(Number(port), "127.0.0.1"));
    const closed = Promise.all(slow.map((socket) => new Promise((resolve) => socket.on("error", () => undefined).on("close", resolve))));
    for (const socket of slow) socket.write("GET /health HTTP/1.1\r\nHost: x\r\nX-A: ");
    const drip = setInterval(() => slow.forEach((socket) => socket.writable && socket.write("a")), 200);
    const begun = performance.now();
    expect((await ask(`${served.metrics}/health`)).status).toBe(200);
    await closed;
    clearInterval(drip);
    expect(performance.now() - begun).toBeLessThan(12_000);
  });

  it("serve two thousand requests of many kinds and remember a bounded number of askers", async () => {
    const home = new FakeHome();
    await home.start();
    await using served = await serveHome(home);
    const paths = ["/health", "/api/status", "/api/cameras/front", "/api/nothing", "/metrics"];
    const counts = new Map<number, number>();
    for (let round = 0; round < 40; round += 1) {
      const asked = await Promise.all(Array.from({ length: 50 }, (_, index) => ask(served.api + (paths[index % paths.length] ?? ""))));
      for (const { status } of asked) counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({ 200: 1600, 404: 400 });
    const { text } = await ask(`${served.metrics}/metrics`, { headers: {} });
    expect(text).toMatch(/camera_shepherd_http_requests_total\{route="other",status="4xx"\} 400\n/);
    expect([...text.matchAll(/^camera_shepherd_http_requests_total/gm)].length).toBeLessThan(10);
    await home.stop();
  });
});

describe("the metrics", () => {
  it("count what was done, under the names that dashboards know, with labels of our own alone", async () => {
    const home = new FakeHome();
    await home.start();
    await using served = await serveHome(home);
    const text = async (): Promise<string> => (await ask(`${served.metrics}/metrics`, { headers: {} })).text;
    expect(await text()).toContain('camera_stream_connected{camera_id="front"} 1\n');
    home.leave(at(20));
    await home.pass(seconds(60));
    const lost = await text();
    expect(lost).toContain('camera_stream_connected{camera_id="front"} 0\n');
    expect(lost).toContain('camera_stream_connected{camera_id="back"} 1\n');
    expect(lost).toMatch(/camera_shepherd_conditions\{status="problem",reason="(?:Searching|CameraUnreachable)"\} 1\n/);
    expect(lost).toContain('camera_shepherd_server_up{server="go2rtc"} 1\n');
    expect(lost).toContain('camera_shepherd_layer_active{layer="dhcp"} 1\n');
    expect(lost).toContain("camera_shepherd_ready 1\n");
    expect(lost).toContain('camera_shepherd_build_info{version="1.2.3"} 1\n');
    expect(lost).toContain("process_resident_memory_bytes");
    const { watcher } = served.serving;
    const evidence = { device: FRONT.name as never, candidate: at(60), at: 0 as never, took: seconds(1), steps: [] };
    watcher.evidence({ ...evidence, layer: "dhcp", verdict: "rejected", reason: "OtherMac" });
    watcher.evidence({ ...evidence, layer: "dhcp", verdict: "rejected", reason: "made-up\nlabel" });
    for (const notice of home.notices) watcher.notice(notice);
    watcher.notice({
      kind: "moved",
      device: FRONT.name as never,
      from: at(20),
      to: at(60),
      evidence: { ...evidence, layer: "dhcp", verdict: "verified", reason: "Verified" },
    });
    watcher.restart("change");
    const counted = await text();
    expect(counted).toContain('camera_shepherd_candidates_total{layer="dhcp"} 2\n');
    expect(counted).toContain('camera_shepherd_rejects_total{reason="OtherMac"} 1\n');
    expect(counted).toContain('camera_shepherd_rejects_total{reason="other"} 1\n');
    expect(counted).toContain('camera_shepherd_verify_seconds_bucket{le="1"} 2\n');
    expect(counted).toContain("camera_shepherd_moves_total 1\n");
    expect(counted).toContain('camera_shepherd_frigate_restarts_total{kind="change"} 1\n');
    expect(counted).toContain("camera_shepherd_document_writes_total 0\n");
    await home.stop();
  });
});

describe("no credential", () => {
  it("is in any answer, metric or line of the log; a planted one is found", async () => {
    const home = new FakeHome();
    await home.start();
    home.moveByDhcp(FRONT, at(20), at(60));
    await home.pass(seconds(30));
    const warnings = ["rtsp://viewer:canary-planted@192.168.1.20/main"];
    await using served = await serveHome(home, { plan: () => Promise.resolve({ changed: false, warnings, documents: [], streams: [] }) });
    const gets = served.serving.routes.filter(({ method }) => method === "get").map(({ path }) => path.replace("{camera}", "front"));
    const answers = await Promise.all([
      ...gets.map((path) => ask(served.api + path)),
      ...gets.map((path) => ask(served.api + path, { headers: { authorization: "Bearer canary-wrong" } })),
      post(`${served.api}/api/resync`, '{"camera": canary'),
      post(`${served.api}/api/resync`, { camera: "rtsp://viewer:canary@192.168.1.9/main" }),
      post(`${served.api}/api/undo`, {}),
    ]);
    const seen = JSON.stringify([
      answers.map(({ text, headers }) => [text, Object.fromEntries(headers)]),
      served.log.lines,
      home.status.all(),
    ]);
    expect(JSON.stringify([home.document.text, warnings])).toContain("canary-planted");
    expect(seen).toContain("rtsp://***@192.168.1.20/main");
    expect(answers.map(({ text }) => text).join("")).toContain(at(60));
    expect(seen).not.toContain("canary");
    await home.stop();
  });
});
