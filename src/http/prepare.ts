import type { Options } from "../config/options.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { ConfigTarget } from "../ports/config-target.ts";
import type { Log } from "../ports/log.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { StreamServer } from "../ports/stream-server.ts";
import type { Engine } from "../reconcilers/engine.ts";
import { createHomeView } from "../reconcilers/home-view.ts";
import type { Watched } from "../reconcilers/watched.ts";
import type { Listen } from "./listener.ts";

export interface PrepareParts {
  readonly options: Options["http"];
  readonly version: string;
  readonly engine: Engine;
  readonly targets: readonly ConfigTarget[];
  readonly servers: readonly StreamServer[];
  readonly registry: Registry;
  readonly watched: Watched;
  readonly plan: (signal: AbortSignal) => Promise<object>;
  readonly listen: Listen;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly log: Log;
}

/**
 * Puts the listeners together that the options ask for; what it gives keeps them open until its signal aborts. express and prom-client, some 8 MB of
 * memory, are loaded here and only where a listener is wanted.
 */
export async function prepareHttp(parts: PrepareParts): Promise<(signal: AbortSignal) => Promise<void>> {
  const { engine, registry, servers, status } = parts;
  const { host, port, metrics_port: metricsPort, token } = parts.options;
  if (port === "none" && metricsPort === "none") return () => Promise.resolve();
  const { createServing } = await import("./serve.ts");
  const serving = createServing({
    ...parts,
    host,
    ...(port === "none" ? {} : { port }),
    ...(metricsPort === "none" ? {} : { metricsPort }),
    ...(token === undefined ? {} : { token }),
    view: createHomeView({ engine, registry, status, servers: servers.map(({ name }) => name) }),
    actions: engine.actions,
  });
  parts.watched.add(serving.watcher);
  return serving.run;
}
