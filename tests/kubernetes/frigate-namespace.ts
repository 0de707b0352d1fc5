import { frigateDocument } from "../../src/adapters/frigate/document.ts";
import { clusterAccess } from "../../src/adapters/kubernetes/cluster-access.ts";
import { ClusterApi } from "../../src/adapters/kubernetes/cluster-api.ts";
import { ConfigMapTarget } from "../../src/adapters/kubernetes/config-map-target.ts";
import type { Workload } from "../../src/adapters/kubernetes/workload.ts";
import { createSystemClock } from "../../src/adapters/system/clock.ts";
import { seconds } from "../../src/domain/duration.ts";
import type { TargetName } from "../../src/ports/config-target.ts";
import { at, type Cluster, itemsOf, textAt } from "./cluster.ts";

export const KEY = "config.yml";

/** Frigate's document with cameras that it reads itself, so that only a restart brings an address into use. */
export function frigateText(...addresses: readonly string[]): string {
  const cameras = addresses.map(
    (address, index) =>
      `  camera${String(index + 1)}:\n    ffmpeg:\n      inputs:\n        - path: rtsp://viewer:canary-pass@${address}:554/main  # ours\n          roles: [detect]\n    detect: {width: 1280, height: 720}\n`,
  );
  return `# Frigate\nmqtt: {enabled: false}\ncameras:\n${cameras.join("")}`;
}

/** A namespace with Frigate's ConfigMap and a Lease for it. */
export async function makeNamespace(
  cluster: Cluster,
  namespace: string,
  text = frigateText("192.0.2.20"),
  metadata: object = {},
): Promise<void> {
  await cluster.do("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
  await cluster.do("POST", `/api/v1/namespaces/${namespace}/configmaps`, {
    metadata: { name: "frigate", ...metadata },
    data: { [KEY]: text, other: "left alone" },
  });
  await cluster.do("POST", `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`, { metadata: { name: "camera-shepherd" } });
}

const PLURALS = { Deployment: "deployments", StatefulSet: "statefulsets", DaemonSet: "daemonsets" } as const;

export type WorkloadKind = keyof typeof PLURALS;

/** The address of Frigate's workload in the API. */
export function workloadPath(namespace: string, kind: WorkloadKind = "Deployment"): string {
  return `/apis/apps/v1/namespaces/${namespace}/${PLURALS[kind]}/frigate`;
}

/** A workload that runs Frigate on the ConfigMap, as its chart has it. */
export async function makeWorkload(
  cluster: Cluster,
  namespace: string,
  { kind = "Deployment", annotations = {} }: { readonly kind?: WorkloadKind; readonly annotations?: object } = {},
): Promise<void> {
  const labels = { app: "frigate" };
  const volumeMounts = [{ name: "config", mountPath: "/config/config.yml", subPath: KEY }];
  const spec = {
    containers: [{ name: "frigate", image: "frigate", volumeMounts }],
    volumes: [{ name: "config", configMap: { name: "frigate" } }],
  };
  const more = { Deployment: { strategy: { type: "Recreate" }, replicas: 1 }, StatefulSet: { serviceName: "frigate" }, DaemonSet: {} }[
    kind
  ];
  await cluster.do("POST", `/apis/apps/v1/namespaces/${namespace}/${PLURALS[kind]}`, {
    metadata: { name: "frigate", annotations },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec }, ...more },
  });
}

/** Names of the workload's pods that are not ending. */
export async function podsOf(cluster: Cluster, namespace: string): Promise<readonly string[]> {
  const pods = itemsOf(await cluster.do("GET", `/api/v1/namespaces/${namespace}/pods`));
  return pods.filter((pod) => at(pod, "metadata", "deletionTimestamp") === undefined).map((pod) => textAt(pod, "metadata", "name"));
}

/** The document as others see it. */
export async function textOf(cluster: Cluster, namespace: string): Promise<string> {
  const map = await cluster.do("GET", `/api/v1/namespaces/${namespace}/configmaps/frigate`);
  return textAt(map, "data", KEY);
}

/** Calls of the adapter, as whom the kubeconfig names. */
export function apiWith(kubeconfig: string): ClusterApi {
  return new ClusterApi({ access: () => clusterAccess({ kubeconfig, environment: {} }), clock: createSystemClock() });
}

/** Frigate's ConfigMap as a target. */
export function targetIn(
  namespace: string,
  api: ClusterApi,
  more: { readonly key?: string; readonly override?: boolean; readonly configMap?: string; readonly workload?: Workload } = {},
): ConfigMapTarget {
  return new ConfigMapTarget({
    name: "frigate" as TargetName,
    api,
    namespace,
    configMap: "frigate",
    key: KEY,
    override: false,
    format: frigateDocument({ environment: new Map() }),
    clock: createSystemClock(),
    random: () => 0.5,
    pace: { reread: seconds(30), gather: seconds(5) },
    ...more,
  });
}
