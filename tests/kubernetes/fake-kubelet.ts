import { setTimeout as pause } from "node:timers/promises";
import { type Cluster, itemsOf, type Json, textAt } from "./cluster.ts";

/** What becomes of a new pod: it gets ready, it stays as it is, or it crashes again and again. */
export type Fate = "ready" | "waits" | "crashes";

/** Stands in for the machines of a cluster: it lets every pod of a namespace have its fate. */
export class FakeKubelet {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #stopped = new AbortController();
  readonly #loop: Promise<void>;
  /** Decided for each pod once, when it is first seen. */
  fate: (pod: Json) => Fate | Promise<Fate> = () => "ready";

  constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const seen = new Set<string>();
    const path = `/api/v1/namespaces/${this.#namespace}/pods`;
    while (!this.#stopped.signal.aborted) {
      const answer = await this.#cluster.call("GET", path).catch(() => undefined);
      for (const pod of itemsOf(answer?.body ?? {})) {
        const [name, uid] = [textAt(pod, "metadata", "name"), textAt(pod, "metadata", "uid")];
        if (seen.has(uid)) continue;
        const status = statusOf(await this.fate(pod));
        const body = { status };
        const patched = await this.#cluster
          .call("PATCH", `${path}/${name}/status`, body, { type: "application/strategic-merge-patch+json" })
          .catch(() => undefined);
        if (patched?.status === 200) seen.add(uid);
      }
      await pause(100, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
  }
}

function statusOf(fate: Fate): object {
  if (fate === "waits") return { phase: "Pending" };
  const at = new Date().toISOString().replace(/\.\d+/, "");
  const isReady = fate === "ready" ? "True" : "False";
  const conditions = ["Ready", "ContainersReady"].map((type) => ({ type, status: isReady, lastTransitionTime: at }));
  const waiting = { state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: { terminated: { exitCode: 1 } }, restartCount: 3 };
  const container = fate === "ready" ? { state: { running: { startedAt: at } }, restartCount: 0 } : waiting;
  const containerStatuses = [{ name: "frigate", ready: fate === "ready", image: "frigate", imageID: "frigate", ...container }];
  return { phase: "Running", podIP: "192.0.2.200", startTime: at, conditions, containerStatuses };
}
