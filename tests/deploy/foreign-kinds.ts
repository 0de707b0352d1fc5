/** A schema of the fields that our manifests may use: everything else is unknown to it. */
type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string" };
const flag: Schema = { type: "boolean" };
const map: Schema = { type: "object", additionalProperties: { type: "string" } };
const list = (items: Schema): Schema => ({ type: "array", items });
const group = (properties: Readonly<Record<string, Schema>>, ...required: readonly string[]): Schema => ({
  type: "object",
  properties,
  required,
});

const selector = group({ matchLabels: map });
const patches = list(group({ patch: text, target: group({ kind: text, name: text }) }, "patch"));
const endpoint = group({ port: text, interval: text, path: text, scheme: text });

/**
 * Kinds of Flux, Argo CD and the Prometheus operator, with those of their documented fields that our manifests use: fluxcd.io (source v1, kustomize v1,
 * notification v1), argo-cd.readthedocs.io (Application), prometheus-operator.dev (API reference).
 */
export const FOREIGN_KINDS: readonly {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly spec: Schema;
}[] = [
  {
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind: "GitRepository",
    plural: "gitrepositories",
    spec: group(
      { interval: text, url: text, ref: group({ branch: text, tag: text }), secretRef: group({ name: text }) },
      "interval",
      "url",
    ),
  },
  {
    group: "kustomize.toolkit.fluxcd.io",
    version: "v1",
    kind: "Kustomization",
    plural: "kustomizations",
    spec: group(
      {
        interval: text,
        sourceRef: group({ kind: text, name: text }, "kind", "name"),
        path: text,
        prune: flag,
        wait: flag,
        timeout: text,
        patches,
      },
      "interval",
      "prune",
      "sourceRef",
    ),
  },
  {
    group: "notification.toolkit.fluxcd.io",
    version: "v1",
    kind: "Receiver",
    plural: "receivers",
    spec: group(
      {
        type: text,
        secretRef: group({ name: text }, "name"),
        resources: list(group({ apiVersion: text, kind: text, name: text }, "kind", "name")),
      },
      "type",
      "secretRef",
      "resources",
    ),
  },
  {
    group: "argoproj.io",
    version: "v1alpha1",
    kind: "Application",
    plural: "applications",
    spec: group(
      {
        project: text,
        source: group({ repoURL: text, targetRevision: text, path: text, kustomize: group({ patches }) }, "repoURL"),
        destination: group({ server: text, namespace: text }),
        syncPolicy: group({ automated: group({ prune: flag, selfHeal: flag }), syncOptions: list(text) }),
      },
      "destination",
      "project",
    ),
  },
  {
    group: "monitoring.coreos.com",
    version: "v1",
    kind: "ServiceMonitor",
    plural: "servicemonitors",
    spec: group({ selector, endpoints: list(endpoint) }, "endpoints", "selector"),
  },
  {
    group: "monitoring.coreos.com",
    version: "v1",
    kind: "PodMonitor",
    plural: "podmonitors",
    spec: group({ selector, podMetricsEndpoints: list(endpoint) }, "selector"),
  },
  {
    group: "monitoring.coreos.com",
    version: "v1",
    kind: "PrometheusRule",
    plural: "prometheusrules",
    spec: group({
      groups: list(
        group({ name: text, rules: list(group({ alert: text, expr: text, for: text, labels: map, annotations: map }, "expr")) }, "name"),
      ),
    }),
  },
];
