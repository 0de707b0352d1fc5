import { isLoopback } from "../domain/loopback.ts";
import type { Actions } from "../ports/actions.ts";
import type { Clock, Random } from "../ports/clock.ts";
import type { HomeView } from "../ports/home-view.ts";
import type { Log } from "../ports/log.ts";
import type { Status } from "../ports/status.ts";
import type { Watcher } from "../ports/watcher.ts";
import { Admission } from "./admission.ts";
import { apiRoutes } from "./api-routes.ts";
import { keepListening, type Listen } from "./listener.ts";
import { createMetrics } from "./metrics.ts";
import { openApi } from "./openapi.ts";
import { probeRoutes } from "./probe-routes.ts";
import { defineRoute, type Route } from "./route.ts";
import { createWeb } from "./web.ts";

export interface ServeParts {
  readonly host: string;
  /** Absent: this listener is off. */
  readonly port?: number;
  readonly metricsPort?: number;
  readonly token?: { reveal(): string };
  readonly version: string;
  readonly view: HomeView;
  readonly actions: Actions;
  readonly plan: (signal: AbortSignal) => Promise<object>;
  readonly listen: Listen;
  readonly clock: Clock;
  readonly random: Random;
  readonly status: Status;
  readonly log: Log;
}

export interface Serving {
  /** Counts for `/metrics`. */
  readonly watcher: Watcher;
  /** Every route of the API's port, as its document lists them. */
  readonly routes: readonly Route[];
  /** Keeps the ports open until the signal aborts, and ends within 5 s then. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** The listeners of this program, put together and not open yet. Loaded only where one is wanted. */
export function createServing(parts: ServeParts): Serving {
  const { host, port, metricsPort, token, version, view, clock } = parts;
  const metrics = createMetrics(view, version);
  const read = () => metrics.read();
  const api = [...probeRoutes(view, version, { access: "token", read }), ...apiRoutes(parts)];
  const routes = [...api, documentRoute(api, version)];
  const onAnswer = (route: string, status: number): void => metrics.request(route, status);
  const keep = async (subject: string, at: number, served: readonly Route[], admission: Admission, signal: AbortSignal): Promise<void> => {
    const web = createWeb({ routes: served, admission, clock, log: parts.log, onAnswer }, signal);
    await keepListening({ ...parts, subject, web, port: at }, signal);
  };
  return {
    watcher: metrics,
    routes,
    async run(signal) {
      const open = probeRoutes(view, version, { access: "open", read });
      await Promise.all([
        ...(port === undefined
          ? []
          : [keep("http/api", port, routes, new Admission({ clock, host, guardsHost: true, ...secretOf(token) }), signal)]),
        ...(metricsPort === undefined
          ? []
          : [keep("http/metrics", metricsPort, open, new Admission({ clock, host, guardsHost: isLoopback(host) }), signal)]),
      ]);
    },
  };
}

function secretOf(token: ServeParts["token"]): { readonly token?: { reveal(): string } } {
  return token === undefined ? {} : { token };
}

/** The document of the routes, itself among them. */
function documentRoute(others: readonly Route[], version: string): Route {
  const self: Route = defineRoute({
    method: "get",
    path: "/api/openapi.json",
    operation: "getOpenApi",
    summary: "This document",
    answers: { 200: { description: "OpenAPI 3.1" } },
    handle: () => Promise.resolve({ status: 200, json: openApi([...others, self], version) }),
  });
  return self;
}
