import { between, type Duration, formatDuration, type Instant, instant } from "../../domain/duration.ts";
import { type Plain, plains } from "../../domain/plain.ts";
import { timeOf, within } from "./cluster-api.ts";

/** Set in a pod template, it makes new pods: the same as `kubectl rollout restart` sets. */
export const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";

/** Pods of one template are made within so many milliseconds. */
const TOGETHER = 5000;

export type WorkloadKind = "deployment" | "statefulset" | "daemonset";

/** What became of the newest pod template. */
export type Rollout =
  /** `readyAt`: when the last of its pods became ready, by the server's clock. */
  | { readonly kind: "complete"; readonly pods: readonly Instant[]; readonly readyAt?: Instant }
  | { readonly kind: "underway" }
  /** `why` is words that follow the workload's name. */
  | { readonly kind: "failed"; readonly why: string };

/**
 * As `kubectl rollout status` judges it, and sooner where a new pod crashes again and again (kubernetes/kubectl pkg/polymorphichelpers/rollout_status.go).
 * @param limit how long new pods may take: only a Deployment has a deadline of its own
 */
export function rolloutOf(kind: WorkloadKind, workload: Plain, pods: readonly Plain[], now: Instant, limit: Duration): Rollout {
  const living = pods.filter((pod) => within(pod, "metadata")["deletionTimestamp"] === undefined);
  const created = living.flatMap((pod) => timeOf(within(pod, "metadata")["creationTimestamp"]) ?? []);
  if (isComplete(kind, workload)) return { kind: "complete", pods: created, ...readyOf(living) };
  const asked = restartedAt(workload);
  const crashing = newestOf(workload, living).flatMap(crashOf)[0];
  if (crashing !== undefined) return { kind: "failed", why: `does not come up: ${crashing}` };
  const progressing = conditionsOf(workload).find(({ type }) => type === "Progressing");
  if (isObserved(workload) && progressing?.["reason"] === "ProgressDeadlineExceeded")
    return { kind: "failed", why: "does not come up: ProgressDeadlineExceeded" };
  const begun = Math.max(asked ?? 0, ...created);
  if (asked !== undefined && between(instant(begun), now) > limit)
    return { kind: "failed", why: `does not come up: no ready pod within ${formatDuration(limit)}` };
  return { kind: "underway" };
}

function readyOf(pods: readonly Plain[]): { readonly readyAt?: Instant } {
  const ready = pods.flatMap((pod) => conditionsOf(pod).filter(({ type }) => type === "Ready"));
  const times = ready.flatMap((condition) => timeOf(condition["lastTransitionTime"]) ?? []);
  return times.length === 0 ? {} : { readyAt: instant(Math.max(...times)) };
}

/** When a restart was asked for last. */
export function restartedAt(workload: Plain): Instant | undefined {
  return timeOf(within(workload, "spec", "template", "metadata", "annotations")[RESTARTED_AT]);
}

/** Pods of the newest template, once there are some: told by the server's own times alone, since this machine's clock may be another. */
function newestOf(workload: Plain, living: readonly Plain[]): readonly Plain[] {
  const status = within(workload, "status");
  const isBegun = numberIn(status, "updatedReplicas") + numberIn(status, "updatedNumberScheduled") > 0;
  if (!isBegun || !isObserved(workload)) return [];
  const bornAt = (pod: Plain): number => timeOf(within(pod, "metadata")["creationTimestamp"]) ?? 0;
  const newest = Math.max(...living.map(bornAt));
  return living.filter((pod) => bornAt(pod) >= newest - TOGETHER);
}

function isObserved(workload: Plain): boolean {
  return numberIn(within(workload, "status"), "observedGeneration") >= numberIn(within(workload, "metadata"), "generation");
}

function isComplete(kind: WorkloadKind, workload: Plain): boolean {
  if (!isObserved(workload)) return false;
  const status = within(workload, "status");
  const count = (key: string): number => numberIn(status, key);
  if (kind === "daemonset") {
    const wanted = count("desiredNumberScheduled");
    return count("updatedNumberScheduled") >= wanted && count("numberAvailable") >= wanted;
  }
  const replicas = within(workload, "spec")["replicas"];
  const wanted = typeof replicas === "number" ? replicas : 1;
  if (kind === "statefulset")
    return count("updatedReplicas") >= wanted && count("readyReplicas") >= wanted && status["currentRevision"] === status["updateRevision"];
  const updated = count("updatedReplicas");
  return updated >= wanted && count("replicas") <= updated && count("availableReplicas") >= updated;
}

/** Why a pod's container does not run, where it was tried more than once. */
function crashOf(pod: Plain): readonly string[] {
  const statuses = ["initContainerStatuses", "containerStatuses"].flatMap((key) => plains(within(pod, "status")[key]));
  return statuses.flatMap((container) => {
    const { reason } = within(container, "state", "waiting");
    const { exitCode } = within(container, "lastState", "terminated");
    const code = typeof exitCode === "number" ? ` (exit code ${String(exitCode)})` : "";
    return reason === "CrashLoopBackOff" ? [`container ${String(container["name"])} is in CrashLoopBackOff${code}`] : [];
  });
}

function conditionsOf(workload: Plain): readonly Plain[] {
  return plains(within(workload, "status")["conditions"]);
}

function numberIn(object: Plain, key: string): number {
  const value = object[key];
  return typeof value === "number" ? value : 0;
}
