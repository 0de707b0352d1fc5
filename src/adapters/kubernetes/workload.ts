import type { Duration, Instant } from "../../domain/duration.ts";
import { type Plain, plains } from "../../domain/plain.ts";
import type { Clock } from "../../ports/clock.ts";
import { TargetError, type TargetFact } from "../../ports/config-target.ts";
import { ApiError, type ApiObject, type ClusterApi, within } from "./cluster-api.ts";
import { clusterWords } from "./cluster-access.ts";
import { changedAt, type ChangedCamera, noted } from "./last-change.ts";
import { MOUNT_WORDS, type Mounted, mountedAs } from "./mounts.ts";
import { isReloaded } from "./reloader.ts";
import { RESTARTED_AT, restartedAt, type Rollout, rolloutOf, type WorkloadKind } from "./rollout.ts";

const RESOURCES = { deployment: "deployments", statefulset: "statefulsets", daemonset: "daemonsets" } as const;

export interface WorkloadSettings {
  readonly api: ClusterApi;
  readonly clock: Clock;
  /** By which the cluster is known, where it is not the one that this program runs in. */
  readonly kubeconfig?: string;
  readonly namespace: string;
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly configMap: string;
  readonly key: string;
  /** How long its pods may take to become ready. */
  readonly limit: Duration;
}

/** What runs on the ConfigMap, as it stands now. */
export interface WorkloadView {
  readonly rollout: Rollout;
  /** When the text was changed by this program, and by nobody since. */
  readonly changedAt: Instant | undefined;
  readonly changed: readonly ChangedCamera[];
  /** When that was noted, by the clock of the machine that did it. */
  readonly notedAt: Instant | undefined;
  /** When it was asked to restart, by the clock of the machine that did it. */
  readonly restartedAt: Instant | undefined;
  /** Stakater's Reloader restarts it for each change of the ConfigMap. */
  readonly isReloaded: boolean;
  /** How its pods get the text. */
  readonly mounted: Mounted;
}

/** A Deployment, StatefulSet or DaemonSet that runs Frigate. */
export class Workload {
  readonly place: string;
  /** How long its pods may take to become ready. */
  readonly limit: Duration;
  readonly #settings: WorkloadSettings;

  constructor(settings: WorkloadSettings) {
    this.place = `${settings.kind}/${settings.name} in the namespace ${settings.namespace}${clusterWords(settings.kubeconfig)}`;
    this.limit = settings.limit;
    this.#settings = settings;
  }

  /** @throws TargetError; the signal's reason when aborted */
  async look(signal: AbortSignal): Promise<WorkloadView> {
    const { namespace, kind, configMap, key, clock, limit } = this.#settings;
    return this.#asked(signal, async (api) => {
      const workload = await api.call(this.#object, { verb: "get" }, signal);
      const query = { labelSelector: selectorOf(workload) };
      const listed = await api.call({ group: "", version: "v1", resource: "pods", namespace }, { verb: "list", query }, signal);
      const map = await api.call({ group: "", version: "v1", resource: "configmaps", namespace, name: configMap }, { verb: "get" }, signal);
      const pods = plains(listed["items"]);
      return {
        rollout: rolloutOf(kind, workload, pods, clock.now(), limit),
        changedAt: changedAt(map, key),
        ...noted(map),
        restartedAt: restartedAt(workload),
        isReloaded: isReloaded(workload, map, configMap),
        mounted: mountedAs(workload, configMap, key),
      };
    });
  }

  /**
   * Makes new pods. The same `at` twice makes them once.
   * @throws ApiError where the server did not take it; TargetError; the signal's reason when aborted
   */
  async restart(at: Instant, signal: AbortSignal, dryRun = false): Promise<void> {
    const annotations = { [RESTARTED_AT]: new Date(at).toISOString() };
    const body = { spec: { template: { metadata: { annotations } } } };
    await this.#settings.api.call(this.#object, { verb: "patch", patch: "strategic", body, dryRun }, signal);
  }

  /** Whether a restart would be permitted, a rollout be seen, and a change arrive, without one. @throws TargetError where not */
  async checkRestart(signal: AbortSignal): Promise<void> {
    const { mounted } = await this.look(signal);
    await this.#asked(signal, () => this.restart(this.#settings.clock.now(), signal, true));
    if (mounted === "seeded") throw new TargetError("ConfigMapUnused", this.#mountWords(mounted));
  }

  /** How a change comes to what it runs. @throws TargetError */
  async examine(signal: AbortSignal): Promise<readonly TargetFact[]> {
    const { mounted, isReloaded: reloads } = await this.look(signal);
    const who = reloads ? "; Reloader makes the new pod" : "; it is restarted for that";
    if (mounted === "seeded") return [{ state: "act", found: this.#mountWords(mounted), reason: "ConfigMapUnused" }];
    const found = `${this.#mountWords(mounted)}${mounted === "unseen" ? "" : who}`;
    return [
      { state: mounted === "unseen" ? "less" : "info", found, ...(mounted === "unseen" ? { reason: "ConfigMapUnused" as const } : {}) },
    ];
  }

  #mountWords(mounted: Mounted): string {
    const { namespace, configMap } = this.#settings;
    return `${this.place}: the ConfigMap ${namespace}/${configMap} ${MOUNT_WORDS[mounted]}`;
  }

  get #object(): ApiObject {
    const { kind, namespace, name } = this.#settings;
    return { group: "apps", version: "v1", resource: RESOURCES[kind], namespace, name };
  }

  async #asked<Result>(signal: AbortSignal, ask: (api: ClusterApi) => Promise<Result>): Promise<Result> {
    try {
      return await ask(this.#settings.api);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 404) throw new TargetError(error.reason, `${this.place}: ${error.message}`, { cause: error });
      throw new TargetError("WorkloadMissing", `${this.place} or its ConfigMap is not there; correct kubernetes.workload`, {
        cause: error,
      });
    }
  }
}

function selectorOf(workload: Plain): string {
  return Object.entries(within(workload, "spec", "selector", "matchLabels"))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(",");
}
