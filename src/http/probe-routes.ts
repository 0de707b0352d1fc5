import type { HomeView } from "../ports/home-view.ts";
import { defineRoute, type Route } from "./route.ts";
import { Alive, Ready } from "./schemas.ts";

/** What supervisors and Prometheus ask: `/health`, `/ready`, `/metrics`. */
export function probeRoutes(
  view: Pick<HomeView, "notReady">,
  version: string,
  metrics: { readonly access: Route["access"]; readonly read: () => Promise<{ readonly text: string; readonly type: string }> },
): readonly Route[] {
  const ready = { description: "Every document was read and every camera was looked at", schema: Ready };
  return [
    defineRoute({
      method: "get",
      path: "/health",
      operation: "getHealth",
      summary: "The program runs",
      access: "open",
      answers: { 200: { description: "It runs", schema: Alive } },
      handle: () => Promise.resolve({ status: 200, json: { status: "ok", version } }),
    }),
    defineRoute({
      method: "get",
      path: "/ready",
      operation: "getReady",
      summary: "The program has read its documents and looked at every camera",
      access: "open",
      answers: { 200: ready, 503: { ...ready, description: "Not yet, with the reasons" } },
      handle: () => {
        const reasons = view.notReady().map(({ subject, reason, message }) => ({ subject, reason, message }));
        return Promise.resolve({ status: reasons.length === 0 ? 200 : 503, json: { ready: reasons.length === 0, reasons } });
      },
    }),
    defineRoute({
      method: "get",
      path: "/metrics",
      operation: "getMetrics",
      summary: "Metrics in Prometheus' text format",
      access: metrics.access,
      answers: { 200: { description: "Metrics", type: "text/plain" } },
      handle: async () => ({ status: 200, ...(await metrics.read()) }),
    }),
  ];
}
