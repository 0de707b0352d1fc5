import type { Options } from "../config/options.ts";
import type { Actions } from "../ports/actions.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { ConfigTarget } from "../ports/config-target.ts";
import type { HomeView } from "../ports/home-view.ts";
import type { Log } from "../ports/log.ts";
import type { Registry } from "../ports/registry.ts";
import type { Status } from "../ports/status.ts";
import type { StreamServer } from "../ports/stream-server.ts";
import type { Engine } from "../reconcilers/engine.ts";
import { createHomeView } from "../reconcilers/home-view.ts";
import type { Watched } from "../reconcilers/watched.ts";
import type { Listen } from "./listener.ts";
import type { ServePageParts } from "./page/serve-page.ts";

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
  /** Where Home Assistant shows the page and calls it from; absent outside it. */
  readonly page?: Pick<ServePageParts, "findPlace" | "admitted"> | undefined;
}

/**
 * Puts the listeners together that the options ask for; what it gives keeps them open until its signal aborts. express and prom-client, some 8 MB of
 * memory, are loaded here and only where a listener is wanted.
 */
export async function prepareHttp(parts: PrepareParts): Promise<(signal: AbortSignal) => Promise<void>> {
  const { engine, registry, servers, status, page } = parts;
  const { port, metrics_port: metricsPort } = parts.options;
  const isAsked = port !== "none" || metricsPort !== "none";
  if (!isAsked && page === undefined) return () => Promise.resolve();
  const view = createHomeView({ engine, registry, status, servers: servers.map(({ name }) => name) });
  const shared = { ...parts, view, actions: engine.actions };
  const runs: ((signal: AbortSignal) => Promise<void>)[] = [];
  if (isAsked) runs.push(await listeners(shared));
  if (page !== undefined) {
    const { servePage } = await import("./page/serve-page.ts");
    runs.push((signal) => servePage({ ...shared, ...page }, signal));
  }
  return async (signal) => {
    await Promise.all(runs.map((run) => run(signal)));
  };
}

type Shared = PrepareParts & { readonly view: HomeView; readonly actions: Actions };

async function listeners(shared: Shared): Promise<(signal: AbortSignal) => Promise<void>> {
  const { host, port, metrics_port: metricsPort, token } = shared.options;
  const { createServing } = await import("./serve.ts");
  const serving = createServing({
    ...shared,
    host,
    ...(port === "none" ? {} : { port }),
    ...(metricsPort === "none" ? {} : { metricsPort }),
    ...(token === undefined ? {} : { token }),
  });
  shared.watched.add(serving.watcher);
  return serving.run;
}
