import { z } from "zod";
import { now } from "./option-marks.ts";
import { flag, listOf, span, text } from "./scalars.ts";

/** What Kubernetes takes for a name (RFC 1123). */
const ObjectName = text.refine(
  (value) => value.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(value),
  "must be a name as Kubernetes has them: lower-case letters, digits, hyphen and dot",
);

const KINDS = ["deployment", "statefulset", "daemonset"] as const;
const STEPS = ["gitrepository", "kustomization", "helmrelease", "application"] as const;

/** `kind/name`. */
const Workload = text.transform((value, context) => {
  const [kind, name, ...more] = value.split("/");
  const found = KINDS.find((known) => known === kind?.toLowerCase());
  if (found !== undefined && name !== undefined && more.length === 0 && ObjectName.safeParse(name).success) return { kind: found, name };
  context.addIssue("must be deployment/NAME, statefulset/NAME or daemonset/NAME");
  return z.NEVER;
});

/** `kind/namespace/name`. */
const Step = text.transform((value, context) => {
  const [kind, namespace, name, ...more] = value.split("/");
  const found = STEPS.find((known) => known === kind?.toLowerCase());
  const isNamed = [namespace, name].every((part) => ObjectName.safeParse(part).success);
  if (found !== undefined && namespace !== undefined && name !== undefined && more.length === 0 && isNamed)
    return { kind: found, namespace, name };
  context.addIssue("must be KIND/NAMESPACE/NAME, with gitrepository, kustomization, helmrelease or application as KIND");
  return z.NEVER;
});

/** `frigate[].kubernetes`: a document that stands in a ConfigMap, and what runs on it. */
export const KubernetesOptions = z
  .strictObject({
    namespace: now("Namespace of Frigate.", ObjectName.prefault("frigate")),
    configmap: now("ConfigMap that holds the configuration.", ObjectName.optional()),
    key: now("Key of the document in the ConfigMap.", text.prefault("config.yml")),
    workload: now(
      "What is restarted for a change, such as `deployment/frigate`; with `git` once the ConfigMap under `configmap` has the commit's text and nothing else has restarted it. Absent: Frigate's own restart, where `url` is given, which does not copy the ConfigMap anew in every chart.",
      Workload.optional(),
    ),
    override: now(
      "Write the ConfigMap although Flux, Argo CD or Helm own it, which put it back unless they were told to leave it alone.",
      flag.prefault(false),
    ),
    kubeconfig: now("Path of a kubeconfig with a token or a client certificate. Absent: the pod's own service account.", text.optional()),
    lease: now(
      "Lease object in the same namespace that keeps two copies of the program from one document; it must be there.",
      ObjectName.prefault("camera-shepherd"),
    ),
    reconcile: now(
      "With `git`: what brings a commit into use and is asked to do so at once, the source first: `gitrepository/flux-system/home`, then `kustomization/…` or `helmrelease/…`; `application/argocd/…` for Argo CD.",
      listOf(Step).prefault([]),
    ),
    rollout: now("Not up for so long after a restart, the previous text is restored.", span("1m", "1h").prefault("5m")),
    gather: now("How long moves are gathered into one change, and looked at once more.", span("0s", "10m").prefault("5s")),
    reread: now("How often the ConfigMap is looked at.", span("5s", "1h").prefault("30s")),
  })
  .optional();
