import { createServer, type Server, type ServerResponse } from "node:http";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { HttpSupervisor } from "../../../src/adapters/supervisor/http-supervisor.ts";
import { Secret } from "../../../src/config/secret.ts";
import { type Duration, milliseconds } from "../../../src/domain/duration.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { type FakeSupervisor, startFakeSupervisor } from "../../fakes/fake-supervisor.ts";
import { MOSQUITTO } from "../../fakes/supervisor-state.ts";

const { signal } = new AbortController();
const fakes: FakeSupervisor[] = [];
const servers: Server[] = [];

afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.stop();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function started(state: Parameters<typeof startFakeSupervisor>[0] = {}) {
  const fake = await startFakeSupervisor(state);
  fakes.push(fake);
  return { fake, supervisor: asked(fake.url, fake.token) };
}

function asked(url: string, token: string, clock: Clock = createSystemClock()): HttpSupervisor {
  return new HttpSupervisor({ url, token: new Secret(token), clock });
}

/** A server that answers everything in one way. */
async function odd(answer: (response: ServerResponse, path: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.on("error", () => undefined);
    answer(response, request.url ?? "");
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${String(typeof address === "object" && address !== null ? address.port : 0)}`;
}

/** A clock whose limits come a hundred times sooner. */
function hasty(): Clock {
  const clock = createSystemClock();
  const short = (span: Duration): Duration => milliseconds(span / 100);
  return { ...clock, deadline: (name, span, stop) => clock.deadline(name, short(span), stop) };
}

describe("what the Supervisor tells an app with the default role", () => {
  it("where its page is to listen, and which ports a person opened", async () => {
    const { fake, supervisor } = await started({ state: { self: { network: { "8099/tcp": 18_099, "9090/tcp": null } } } });
    expect(await supervisor.self(signal)).toEqual({
      slug: "1a2b3c4d_camera_shepherd",
      ingress: { host: "172.30.32.1", port: 62_400 },
      ports: new Map([["8099/tcp", 18_099]]),
    });
    expect(fake.requests.map(({ method, path, status }) => `${method} ${path} ${String(status)}`)).toEqual(["GET /addons/self/info 200"]);
  });

  it("no place for its page while the container's network is not up", async () => {
    const { supervisor } = await started({ state: { self: { ip_address: "0.0.0.0", ingress_port: null, network: null } } });
    expect(await supervisor.self(signal)).toEqual({ slug: "1a2b3c4d_camera_shepherd", ports: new Map() });
  });

  it("the installed apps, those that are starting among the running ones", async () => {
    const app = (slug: string, state: "started" | "stopped" | "startup" | "error" | "unknown") => ({
      slug,
      state,
      name: slug,
      version: "1",
    });
    const apps = [
      app("ccab4aaf_frigate", "started"),
      app("local_frigate", "startup"),
      app("core_mosquitto", "stopped"),
      app("a_b", "error"),
    ];
    const { supervisor } = await started({ state: { apps } });
    expect(await supervisor.apps(signal)).toEqual([
      { slug: "ccab4aaf_frigate", isRunning: true },
      { slug: "local_frigate", isRunning: true },
      { slug: "core_mosquitto", isRunning: false },
      { slug: "a_b", isRunning: false },
    ]);
  });

  it("of one app its name for others, whether it starts with the machine, and its Watchdog", async () => {
    const one = { slug: "ccab4aaf_frigate-fa", name: "Frigate", version: "1", state: "started" as const };
    const { supervisor } = await started({ state: { apps: [{ ...one, info: { boot: "auto", watchdog: true } }] } });
    expect(await supervisor.app(one.slug, signal)).toEqual({ hostname: "ccab4aaf-frigate-fa", startsAtBoot: true, watchdog: true });
    await expect(supervisor.app("gone", signal)).rejects.toMatchObject({
      reason: "SupervisorUnreachable",
      message: expect.stringMatching(/App gone does not exist/),
    });
    await expect(supervisor.app("../self", signal)).rejects.toMatchObject({ reason: "SupervisorRefuses" });
  });

  it("the broker with its login, which no output shows", async () => {
    const { supervisor } = await started({ state: { mqtt: MOSQUITTO } });
    const broker = await supervisor.broker(signal);
    expect(broker).toMatchObject({ host: "core-mosquitto", port: 1883, tls: false, username: "addons" });
    expect(broker?.password?.reveal()).toBe("canary-mqtt");
    expect(`${JSON.stringify(broker)} ${inspect(broker, { depth: 9 })}`).not.toContain("canary");
  });

  it("that no app offers a broker; that is no error", async () => {
    const { supervisor } = await started();
    expect(await supervisor.broker(signal)).toBeUndefined();
  });

  it("the machine's interfaces", async () => {
    const ip = { method: "auto", address: [], nameservers: [], gateway: null, ready: true };
    const end0 = {
      interface: "end0",
      type: "ethernet",
      enabled: true,
      connected: true,
      primary: true,
      mac: "02:00:00:00:00:01",
      ipv4: ip,
      ipv6: ip,
      wifi: null,
      vlan: null,
    } as const;
    const network = {
      interfaces: [end0, { ...end0, interface: "wlan0", connected: false }],
      docker: {},
      host_internet: true,
      supervisor_internet: true,
    };
    const { supervisor } = await started({ state: { network } });
    expect(await supervisor.interfaces(signal)).toEqual([
      { name: "end0", isUp: true },
      { name: "wlan0", isUp: false },
    ]);
  });
});

describe("a Supervisor that does not tell", () => {
  it("while it starts, because of the token, and because nobody is there", async () => {
    const { fake, supervisor } = await started({ state: { failing: 502 } });
    await expect(supervisor.apps(signal)).rejects.toMatchObject({
      name: "SupervisorError",
      reason: "SupervisorUnreachable",
      message: expect.stringMatching(/now \(502\)$/),
    });
    fake.state.failing = undefined;
    expect(await supervisor.apps(signal)).toEqual([]);
    const stranger = asked(fake.url, "canary-wrong");
    await expect(stranger.apps(signal)).rejects.toMatchObject({
      reason: "SupervisorRefuses",
      message: expect.not.stringContaining("canary"),
    });
    fake.state.mqttWanted = false;
    await expect(supervisor.broker(signal)).rejects.toMatchObject({
      reason: "SupervisorRefuses",
      message: expect.stringMatching(/No access to mqtt service/),
    });
    await fake.stop();
    await expect(supervisor.apps(signal)).rejects.toMatchObject({
      reason: "SupervisorUnreachable",
      message: expect.stringMatching(/\(ECONNREFUSED\)$/),
    });
  });

  it("without end, not at all, and not in its own form", async () => {
    const endless = asked(await odd((response) => response.end("x".repeat(3 * 1024 * 1024))), "t");
    await expect(endless.apps(signal)).rejects.toMatchObject({
      reason: "SupervisorUnreachable",
      message: expect.stringMatching(/without end$/),
    });
    const silent = asked(await odd(() => undefined), "t", hasty());
    await expect(silent.apps(signal)).rejects.toMatchObject({
      reason: "SupervisorUnreachable",
      message: expect.stringMatching(/within 10 s$/),
    });
    const page = asked(await odd((response) => response.end("<html>captive portal</html>")), "t");
    await expect(page.self(signal)).rejects.toMatchObject({
      reason: "SupervisorUnreachable",
      message: expect.stringMatching(/now \(200\)$/),
    });
    const strange = asked(
      await odd((response) => response.end('{"result": "ok", "data": {"addons": [7, null, {"slug": 1}], "interfaces": "x"}}')),
      "t",
    );
    expect([await strange.apps(signal), await strange.interfaces(signal)]).toEqual([[], []]);
    await expect(strange.broker(signal)).rejects.toMatchObject({
      reason: "SupervisorUnreachable",
      message: expect.stringMatching(/does not say where it is/),
    });
  });

  it("because it was not waited for", async () => {
    const silent = asked(await odd(() => undefined), "t");
    const stop = new AbortController();
    const answer = silent.apps(stop.signal);
    stop.abort(new Error("enough"));
    await expect(answer).rejects.toThrow("enough");
  });
});

describe("restarting an app", () => {
  /** Core as its proxy shows it: which actions it knows, and what it was called with. */
  async function core(known: readonly string[], status = 200): Promise<{ readonly url: string; readonly calls: string[] }> {
    const calls: string[] = [];
    const server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const action = (request.url ?? "").split("/").at(-1) ?? "";
        calls.push(`${request.method ?? ""} ${request.url ?? ""} ${Buffer.concat(pieces).toString()}`);
        response.writeHead(known.includes(action) ? status : 400).end("[]");
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    return { url: `http://127.0.0.1:${String(typeof address === "object" && address !== null ? address.port : 0)}`, calls };
  }

  it("by the action of today, and by that of an older Core", async () => {
    const { fake, supervisor } = await started();
    const today = await core(["app_restart"]);
    fake.state.core = { url: today.url, token: "t" };
    await supervisor.restart("ccab4aaf_frigate", signal);
    expect(today.calls).toEqual(['POST /api/services/hassio/app_restart {"app":"ccab4aaf_frigate"}']);
    const older = await core(["addon_restart"]);
    fake.state.core = { url: older.url, token: "t" };
    await supervisor.restart("ccab4aaf_frigate", signal);
    expect(older.calls).toEqual([
      'POST /api/services/hassio/app_restart {"app":"ccab4aaf_frigate"}',
      'POST /api/services/hassio/addon_restart {"addon":"ccab4aaf_frigate"}',
    ]);
  });

  it("not while Core is away, not without the permission, not where Core refuses", async () => {
    const { fake, supervisor } = await started();
    await expect(supervisor.restart("ccab4aaf_frigate", signal)).rejects.toMatchObject({
      reason: "SupervisorUnreachable",
      message: expect.stringMatching(/no running Home Assistant/),
    });
    const neither = await core([]);
    fake.state.core = { url: neither.url, token: "t" };
    await expect(supervisor.restart("ccab4aaf_frigate", signal)).rejects.toMatchObject({
      reason: "SupervisorRefuses",
      message: expect.stringMatching(/\(400\)$/),
    });
    const failing = await core(["app_restart"], 500);
    fake.state.core = { url: failing.url, token: "t" };
    await expect(supervisor.restart("ccab4aaf_frigate", signal)).rejects.toMatchObject({
      reason: "SupervisorRefuses",
      message: expect.stringMatching(/did not restart ccab4aaf_frigate \(500\)$/),
    });
    fake.state.homeAssistantApi = false;
    await expect(supervisor.restart("ccab4aaf_frigate", signal)).rejects.toMatchObject({
      reason: "SupervisorRefuses",
      message: expect.stringMatching(/\(401\)$/),
    });
  });

  it("that takes long was asked for all the same", async () => {
    const hanging = await odd(() => undefined);
    const clock = createSystemClock();
    const quick: Clock = { ...clock, deadline: (name, _span, stop) => clock.deadline(name, milliseconds(50), stop) };
    await expect(asked(hanging, "t", quick).restart("ccab4aaf_frigate", signal)).resolves.toBeUndefined();
  });
});
