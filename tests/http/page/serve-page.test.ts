import { afterEach, expect, it, vi } from "vitest";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { listenHttp } from "../../../src/adapters/system/http-socket.ts";
import { type Duration, milliseconds } from "../../../src/domain/duration.ts";
import { servePage, type ServePageParts } from "../../../src/http/page/serve-page.ts";
import { createHomeView } from "../../../src/reconcilers/home-view.ts";
import { FakeLog } from "../../fakes/fake-log.ts";
import { FakeStatus } from "../../fakes/fake-status.ts";
import { freePort } from "../../free-port.ts";
import { FakeHome, ip } from "../../reconcilers/fake-home.ts";
import { askPage, PROXY } from "./page-kit.ts";

const stops: AbortController[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort(new Error("over"));
});

function served(findPlace: ServePageParts["findPlace"]): {
  readonly status: FakeStatus;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
} {
  const { engine, registry, servers } = new FakeHome();
  const clock = createSystemClock();
  const quick = { ...clock, wait: (name: string, span: Duration, end: AbortSignal) => clock.wait(name, milliseconds(span / 100), end) };
  const [status, stop] = [new FakeStatus(), new AbortController()];
  stops.push(stop);
  const view = createHomeView({ engine, registry, status, servers: servers.map(({ name }) => name) });
  const shared = {
    view,
    actions: engine.actions,
    version: "1.2.3",
    admitted: PROXY,
    clock: quick,
    log: new FakeLog(),
    random: () => 0.5,
    status,
  };
  const ended = servePage({ ...shared, findPlace, listen: (web, where, signal) => listenHttp(web, where, clock, signal) }, stop.signal);
  return { status, stop, ended };
}

it("the page waits for its address, and listens there and on this machine", async () => {
  const port = await freePort();
  let asked = 0;
  const { status, stop, ended } = served(() => Promise.resolve((asked += 1) < 3 ? undefined : { host: ip("127.0.0.5"), port }));
  await vi.waitFor(async () => expect((await askPage({ port }, "/", { to: "127.0.0.5" })).status).toBe(200), { timeout: 5000 });
  await vi.waitFor(async () => expect((await askPage({ port }, "/health", { from: "127.0.0.1" })).status).toBe(200), { timeout: 5000 });
  expect(status.all().map(({ subject, status: how }) => [subject, how])).toEqual(
    expect.arrayContaining([
      ["http/page", "ok"],
      ["http/page-health", "ok"],
    ]),
  );
  stop.abort(new Error("over"));
  await expect(ended).resolves.toBeUndefined();
});

it("an address that is not there yet is a condition and is tried again; this machine is answered meanwhile", async () => {
  const port = await freePort();
  const { status, stop, ended } = served(() => Promise.resolve({ host: ip("203.0.113.9"), port }));
  await vi.waitFor(() => expect(status.get("http/page")).toMatchObject({ status: "problem", reason: "PortUnavailable" }), {
    timeout: 5000,
  });
  expect(status.get("http/page")?.message).toBe(`203.0.113.9:${String(port)} is not an address of this machine (EADDRNOTAVAIL)`);
  await vi.waitFor(async () => expect((await askPage({ port }, "/health", { from: "127.0.0.1" })).status).toBe(200), { timeout: 5000 });
  stop.abort(new Error("over"));
  await ended;
});
