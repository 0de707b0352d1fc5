import { type Plain, plains } from "../../domain/plain.ts";
import { TargetError } from "../../ports/config-target.ts";
import { ApiError, type ClusterApi, within } from "./cluster-api.ts";

/**
 * Whether the pod of this name has ended for certain: its machine says of each container that it is over, and none will be started anew. A pod that is
 * gone, that another part of the cluster calls failed because its machine is lost, or that may not be asked about has not: it may run unseen
 * (kubernetes/kubernetes pkg/controller/podgc/gc_controller.go sets the phase of such pods).
 * @throws the signal's reason when aborted
 */
export async function hasEnded(api: ClusterApi, namespace: string, pod: string, signal: AbortSignal): Promise<boolean> {
  try {
    const query = { fieldSelector: `metadata.name=${pod}` };
    const listed = await api.call({ group: "", version: "v1", resource: "pods", namespace }, { verb: "list", query }, signal);
    return plains(listed["items"]).some((one) => isOver(within(one, "status")));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ApiError || error instanceof TargetError) return false;
    throw error;
  }
}

function isOver(status: Plain): boolean {
  const containers = plains(status["containerStatuses"]);
  const isFinal = status["phase"] === "Failed" || status["phase"] === "Succeeded";
  return isFinal && containers.length > 0 && containers.every((container) => within(container, "state")["terminated"] !== undefined);
}
