import { MqttPublisher } from "../../../src/adapters/mqtt/mqtt-publisher.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import type { IpAddress, MacAddress } from "../../../src/domain/addresses.ts";
import type { DeviceId } from "../../../src/domain/camera.ts";
import { instant, seconds } from "../../../src/domain/duration.ts";
import type { Naming } from "../../../src/domain/entities/discovery.ts";
import type { CameraView } from "../../../src/ports/home-view.ts";
import { Announced } from "../../../src/reconcilers/mqtt/announced.ts";
import { createBrokerLink } from "../../../src/reconcilers/mqtt/broker-link.ts";
import { Entities } from "../../../src/reconcilers/mqtt/entities.ts";
import { createStatus } from "../../../src/runtime/report.ts";

export interface Account {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export const NAMING: Naming = {
  base: "camera_shepherd",
  discoveryPrefix: "homeassistant",
  version: "0.0.0",
  supportUrl: "https://example.org/",
  parts: new Set(["frame-counts", "pictures"]),
};

/** A camera as the program knows one that is well. */
export function manyCameras(count: number): readonly CameraView[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `camera-${String(index)}` as DeviceId;
    const address = `10.0.${String(index >> 8)}.${String(index & 255)}` as IpAddress;
    const hex = index.toString(16).padStart(4, "0");
    return {
      id,
      title: `Camera ${String(index)}`,
      owners: [],
      streams: [],
      configured: [address],
      address,
      proved: true,
      history: [],
      macs: [`0c:79:55:4b:${hex.slice(0, 2)}:${hex.slice(2)}` as MacAddress],
      connected: true,
      conditions: [{ subject: `device/${id}`, status: "ok", reason: "Healthy", message: `${id} is at ${address}`, since: instant(0) }],
    };
  });
}

/** The program's own entities over a connection of its own. `announced`: seconds from the connection until everything was acknowledged. */
export async function showManyCameras(count: number, account: Account): Promise<{ readonly announced: Promise<number> } & AsyncDisposable> {
  const clock = createSystemClock();
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const cameras = manyCameras(count);
  const facts = new Map<string, string>();
  const view = {
    cameras: () => cameras,
    ownerOf: () => undefined,
    conditions: () => [],
    notReady: () => [],
    pending: () => [],
    isComplete: () => true,
    resyncedAt: () => undefined,
  };
  const kept = { fact: (name: string) => facts.get(name), saveFact: (name: string, value: string) => void facts.set(name, value) };
  const announced = new Announced(kept);
  const entities = new Entities({ naming: NAMING, view, announced, facts: kept, clock, random: Math.random, surface: "page" });
  const done = Promise.withResolvers<number>();
  const address = () => Promise.resolve({ url: account.url, username: account.username, password: { reveal: () => account.password } });
  const stop = new AbortController();
  const link = createBrokerLink({
    publisher: new MqttPublisher({ address, clientId: `bench-${String(process.pid)}` }),
    clients: [
      {
        subscriptions: entities.subscriptions,
        onMessage: (message) => entities.onMessage(message),
        onSession: (session, signal) => {
          const begun = performance.now();
          let acknowledged = 0;
          const counting = {
            publish: async (...publication: Parameters<typeof session.publish>) => {
              const outcome = await session.publish(...publication);
              acknowledged += 1;
              if (acknowledged === 2 * (count + 1)) done.resolve((performance.now() - begun) / 1000);
              return outcome;
            },
          };
          return entities.onSession(counting, signal);
        },
      },
    ],
    statusTopic: "camera_shepherd/status",
    probes: [],
    clock,
    random: Math.random,
    status: createStatus({ clock, tell: () => undefined, log: quiet }),
    log: quiet,
  });
  const running = link.run(stop.signal);
  const late = clock.wait("announced", seconds(60), stop.signal).then(
    () => done.reject(new Error("not everything was announced within a minute")),
    () => undefined,
  );
  return {
    announced: done.promise,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await Promise.all([running, late]);
    },
  };
}
