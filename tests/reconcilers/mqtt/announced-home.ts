import { expect, onTestFinished } from "vitest";
import type { Naming } from "../../../src/domain/entities/discovery.ts";
import { seconds } from "../../../src/domain/duration.ts";
import { createHomeView } from "../../../src/reconcilers/home-view.ts";
import { Announced } from "../../../src/reconcilers/mqtt/announced.ts";
import { createBrokerLink } from "../../../src/reconcilers/mqtt/broker-link.ts";
import { Entities } from "../../../src/reconcilers/mqtt/entities.ts";
import { ToldBindings } from "../../../src/reconcilers/mqtt/told-bindings.ts";
import { Watched } from "../../../src/reconcilers/watched.ts";
import { createStatus } from "../../../src/runtime/report.ts";
import { FakeBroker } from "../../fakes/fake-broker.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeLog } from "../../fakes/fake-log.ts";
import { FakeHome, type HomeSettings } from "../fake-home.ts";

const NAMING: Naming = {
  base: "camera_shepherd",
  discoveryPrefix: "homeassistant",
  version: "1.2.3",
  supportUrl: "https://example.org/camera-shepherd",
  parts: new Set(),
};
export const FRONT_STATE = "camera_shepherd/front/state";
export const FRONT_CONFIG = "homeassistant/device/camera_shepherd_front/config";
export const BACK_CONFIG = "homeassistant/device/camera_shepherd_back/config";

interface AnnouncedSettings extends HomeSettings {
  readonly broker?: FakeBroker;
  readonly naming?: Partial<Naming>;
  /** Whether other copies of the program are told where cameras are. */
  readonly tells?: boolean;
}

/** A home whose program shows it at a broker. It ends with the test, or at `end`. */
export async function openHome(settings: AnnouncedSettings = {}) {
  const { broker = new FakeBroker(), tells = false, ...others } = settings;
  const naming = { ...NAMING, ...settings.naming };
  const clock = new FakeClock();
  const watched = new Watched();
  const tell = watched.tell(() => undefined);
  const status = createStatus({ clock, tell, log: new FakeLog() });
  const home = new FakeHome({ ...others, clock, ports: { ...others.ports, tell, status } });
  const { engine, registry, servers } = home;
  const view = createHomeView({ engine, registry, status, servers: servers.map(({ name }) => name) });
  const announced = new Announced(registry.consents);
  const entities = new Entities({ naming, view, announced, facts: registry.consents, clock, random: () => 0, surface: "page" });
  watched.add(entities);
  const told = new ToldBindings({ base: naming.base, origin: "this", fleet: engine.fleet, registry, announced, clock });
  watched.add(told);
  const link = createBrokerLink({
    publisher: broker.publisher(),
    clients: tells ? [entities, told] : [entities],
    statusTopic: `${naming.base}/status`,
    probes: [],
    clock,
    random: () => 0,
    status,
    log: new FakeLog(),
  });
  const stop = new AbortController();
  const linked = link.run(stop.signal);
  const end = async (): Promise<void> => {
    if (stop.signal.aborted) return;
    stop.abort();
    await clock.advance(seconds(3));
    await linked;
    expect(JSON.stringify(broker.log)).not.toContain("canary");
    await home.stop();
  };
  onTestFinished(end);
  // Home Assistant listens.
  broker.listens = (topic) => topic.startsWith(`${naming.base}/`) && topic.endsWith("/event") && !topic.includes("/bridge/");
  await home.start();
  const state = (topic = FRONT_STATE): unknown => JSON.parse(broker.kept(topic) ?? "{}");
  const published = (from = 0): readonly string[] => broker.log.slice(from).map(({ topic }) => topic);
  return { home, broker, clock, state, published, end, engine, naming };
}
