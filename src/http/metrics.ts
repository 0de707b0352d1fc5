import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { isReason } from "../domain/reasons.ts";
import type { HomeView } from "../ports/home-view.ts";
import type { Watcher } from "../ports/watcher.ts";

/** So many go2rtcs or ways of noticing are shown. */
const PARTS_SHOWN = 64;

/** Counts what happens, and tells it as Prometheus reads it. Labels come from our own tables and from the documents' cameras alone. */
export interface Metrics extends Watcher {
  /** @param route the documented path, not the one that was asked for */
  request(route: string, status: number): void;
  read(): Promise<{ readonly text: string; readonly type: string }>;
}

export function createMetrics(view: MetricsView, version: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <Label extends string = never>(name: string, help: string, ...labelNames: readonly Label[]): Counter<Label> =>
    new Counter<Label>({ name: `camera_shepherd_${name}_total`, help, labelNames, registers });
  const moves = counter("moves", "Cameras that were proved at a new address");
  const heals = counter("heals", "What was made right: a stream of go2rtc's, or a camera whose video came from its new address", "kind");
  const writes = counter("document_writes", "Changes that were written into a document");
  const restored = counter("restored_documents", "Changes that were taken back");
  const restarts = counter("frigate_restarts", "Restarts that were asked of Frigate: for a change, or to restore what was before", "kind");
  const candidates = counter("candidates", "Addresses that were verified, by the way they were noticed", "layer");
  const rejects = counter("rejects", "Addresses that were refused, by reason", "reason");
  const requests = counter("http_requests", "Requests that were answered", "route", "status");
  const verifySeconds = new Histogram({
    name: "camera_shepherd_verify_seconds",
    help: "How long proving an address took",
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  gauges(registry, view, version);
  collectDefaultMetrics({ register: registry });
  return {
    notice({ kind }) {
      if (kind === "moved") moves.inc();
      else if (kind === "stream-pointed") heals.inc({ kind: "stream" });
      else if (kind === "frames") heals.inc({ kind: "video" });
      else if (kind === "document-written") writes.inc();
      else if (kind === "rolled-back") restored.inc();
    },
    evidence({ layer, took, verdict, reason }) {
      candidates.inc({ layer });
      verifySeconds.observe(took / 1000);
      if (verdict === "rejected") rejects.inc({ reason: isReason(reason) ? reason : "other" });
    },
    restart: (kind) => restarts.inc({ kind }),
    request: (route, status) => requests.inc({ route, status: `${String(Math.floor(status / 100))}xx` }),
    read: async () => ({ text: await registry.metrics(), type: registry.contentType }),
  };
}

type MetricsView = Pick<HomeView, "cameras" | "conditions" | "notReady">;

/** What is read anew at each scrape. */
function gauges(registry: Registry, view: MetricsView, version: string): void {
  const registers = [registry];
  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    fill: (set: (labels: Readonly<Record<Label, string>>, value: number) => void) => void,
  ): void => {
    const one: Gauge<Label> = new Gauge<Label>({
      name,
      help,
      labelNames,
      registers,
      collect: () => {
        one.reset();
        fill((labels, value) => one.set(labels, value));
      },
    });
  };
  gauge("camera_stream_connected", "1 while the camera is where it was proved to be and its streams deliver", ["camera_id"], (set) => {
    for (const { id, connected } of view.cameras()) set({ camera_id: id }, connected ? 1 : 0);
  });
  gauge("camera_shepherd_conditions", "Conditions by status and reason", ["status", "reason"], (set) => {
    const groups = Map.groupBy(view.conditions(), ({ status, reason }) => `${status} ${reason}`);
    for (const [key, all] of groups) {
      const [status = "", reason = ""] = key.split(" ");
      set({ status, reason }, all.length);
    }
  });
  const up = (prefix: string, label: string, help: string, name: string): void =>
    gauge(name, help, [label], (set) => {
      const all = view.conditions().filter(({ subject }) => subject.startsWith(prefix));
      for (const { subject, status } of all.slice(0, PARTS_SHOWN)) set({ [label]: subject.slice(prefix.length) }, status === "ok" ? 1 : 0);
    });
  up("server/", "server", "1 while the go2rtc answers", "camera_shepherd_server_up");
  up("layer/", "layer", "1 while the way of noticing is active", "camera_shepherd_layer_active");
  gauge("camera_shepherd_ready", "1 once every document was read and every camera was looked at", [], (set) =>
    set({}, view.notReady().length === 0 ? 1 : 0),
  );
  gauge("camera_shepherd_build_info", "The version that runs", ["version"], (set) => set({ version }, 1));
}
