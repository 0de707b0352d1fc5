import type { Options } from "../config/options.ts";
import type { Naming } from "../domain/entities/discovery.ts";
import type { Surface } from "../domain/next-step.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { Registry } from "../ports/registry.ts";
import type { RunningFrigate } from "../ports/running-frigate.ts";
import type { Status } from "../ports/status.ts";
import type { StreamServer } from "../ports/stream-server.ts";
import type { Engine } from "../reconcilers/engine.ts";
import { createHomeView } from "../reconcilers/home-view.ts";
import type { Announced } from "../reconcilers/mqtt/announced.ts";
import type { LinkClient } from "../reconcilers/mqtt/broker-link.ts";
import type { Watched } from "../reconcilers/watched.ts";

export interface EntitiesParts {
  /** What is retained at the broker. */
  readonly announced: Announced;
  readonly options: Options["mqtt"];
  readonly version: string;
  /** Where people read about the program. */
  readonly homepage: string;
  readonly engine: Engine;
  readonly servers: readonly StreamServer[];
  readonly frigates: readonly RunningFrigate[];
  readonly registry: Registry;
  readonly watched: Watched;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  /** What people who read them can ask by. */
  readonly surface: Surface;
}

/** What Home Assistant shows of the home: the clients that publish it. Those of parts that are off are not made. */
export async function entityClients(parts: EntitiesParts): Promise<readonly LinkClient[]> {
  const { options, version, homepage, engine, servers, frigates, registry, status, watched, announced, clock, random, surface } = parts;
  const { Entities } = await import("../reconcilers/mqtt/entities.ts");
  const { Pictures } = await import("../reconcilers/mqtt/pictures.ts");
  const naming: Naming = {
    base: options.base,
    discoveryPrefix: options.discovery_prefix,
    version,
    supportUrl: homepage,
    parts: new Set([...(frigates.length === 0 ? [] : (["frame-counts"] as const)), ...(options.images ? (["pictures"] as const) : [])]),
  };
  const view = createHomeView({ engine, registry, status, servers: servers.map(({ name }) => name) });
  const entities = new Entities({ naming, view, announced, facts: registry.consents, clock, random, surface });
  watched.add(entities);
  if (!options.images) return [entities];
  const { liveStream } = engine;
  const pictures = new Pictures({ naming, announced, servers, devices: () => engine.fleet.devices, liveStream, clock });
  watched.add(pictures);
  return [entities, pictures];
}
