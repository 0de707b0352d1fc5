import { clusterAccess } from "../adapters/kubernetes/cluster-access.ts";
import { ClusterApi } from "../adapters/kubernetes/cluster-api.ts";
import { ConfigMapTarget } from "../adapters/kubernetes/config-map-target.ts";
import { LeaseObject } from "../adapters/kubernetes/lease-object.ts";
import { ClusterPipeline } from "../adapters/kubernetes/pipelines.ts";
import { RolledFrigate } from "../adapters/kubernetes/rolled-frigate.ts";
import { Workload } from "../adapters/kubernetes/workload.ts";
import { systemRandom } from "../adapters/system/random.ts";
import type { Options } from "../config/options.ts";
import type { DocumentFormat } from "../domain/document.ts";
import type { Clock } from "../ports/clock.ts";
import { type ConfigTarget, TargetError, type TargetFact, type TargetName } from "../ports/config-target.ts";
import type { Pipeline } from "../ports/pipeline.ts";
import type { RunningFrigate } from "../ports/running-frigate.ts";

export type KubernetesOption = NonNullable<Options["frigate"][number]["kubernetes"]>;

export interface ClusterSettings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/** What a Frigate in a cluster is made of. */
export interface ClusterDocument {
  readonly target: ConfigMapTarget;
  /** What runs on it; absent where no workload is named. */
  readonly frigate?: RunningFrigate;
  readonly workload?: Workload;
}

/**
 * Frigate's document in a ConfigMap, and what runs on it.
 * @param installation names this installation among several that look after one document
 * @param http the same Frigate over HTTP, where its address is known
 */
export function clusterDocument(
  name: TargetName,
  options: KubernetesOption & { readonly configmap: string },
  format: DocumentFormat,
  installation: string,
  http: RunningFrigate | undefined,
  settings: ClusterSettings,
): ClusterDocument {
  const { clock } = settings;
  const { namespace, configmap: configMap, key, workload: named, override, lease, rollout: limit, reread, gather } = options;
  const api = clusterApi(options.kubeconfig, settings);
  const cluster = options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig };
  const shared = { api, ...cluster, clock, namespace, configMap, key };
  const workload = named === undefined ? undefined : new Workload({ ...shared, ...named, limit });
  const target = new ConfigMapTarget({
    ...shared,
    name,
    format,
    override,
    random: systemRandom,
    pace: { reread, gather },
    lease: new LeaseObject({ ...shared, lease, id: () => installation }),
    ...(workload === undefined ? {} : { workload }),
  });
  if (workload === undefined) return { target };
  return {
    target,
    workload,
    frigate: new RolledFrigate({ name, workload, clock, random: systemRandom, ...(http === undefined ? {} : { http }) }),
  };
}

/** What a commit that Flux or Argo CD brings into a cluster comes to. */
export interface DeliveredByCluster {
  readonly delivered: ConfigTarget;
  readonly frigate: RunningFrigate;
  /** Whether Frigate could be restarted for it. */
  readonly examine: (signal: AbortSignal) => Promise<readonly TargetFact[]>;
}

/** The ConfigMap that a commit is brought into, and the workload that is restarted for it; undefined unless both are named, and Frigate's address. */
export function deliveredByCluster(
  name: TargetName,
  options: KubernetesOption | undefined,
  format: DocumentFormat,
  installation: string,
  http: RunningFrigate | undefined,
  settings: ClusterSettings,
): DeliveredByCluster | undefined {
  if (options?.configmap === undefined || http === undefined) return undefined;
  const { target, workload, frigate } = clusterDocument(
    name,
    { ...options, configmap: options.configmap },
    format,
    installation,
    http,
    settings,
  );
  if (workload === undefined || frigate === undefined) return undefined;
  const examine = async (signal: AbortSignal): Promise<readonly TargetFact[]> => {
    try {
      await workload.checkRestart(signal);
      return await workload.examine(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TargetError)) throw error;
      return [{ state: "act", found: error.message, reason: error.reason }];
    }
  };
  return { delivered: target, frigate, examine };
}

/** What brings commits into use in a cluster, as `kubernetes.reconcile` names it; undefined where it names nothing. */
export function clusterPipeline({ kubeconfig, reconcile }: KubernetesOption, settings: ClusterSettings): Pipeline | undefined {
  const [first, ...others] = reconcile;
  if (first === undefined) return undefined;
  return new ClusterPipeline({ api: clusterApi(kubeconfig, settings), clock: settings.clock, steps: [first, ...others] });
}

/** Calls of the cluster that a kubeconfig names, or that this program runs in. */
export function clusterApi(kubeconfig: string | undefined, { environment, clock }: ClusterSettings): ClusterApi {
  return new ClusterApi({ access: () => clusterAccess({ kubeconfig, environment }), clock });
}
