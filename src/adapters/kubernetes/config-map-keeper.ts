import { TargetError } from "../../ports/config-target.ts";
import { ApiError, type ClusterApi } from "./cluster-api.ts";
import { ownerOf } from "./ownership.ts";

/** Whether a ConfigMap may be written, or another program's source has to be. `why` is words that can stand alone. */
export type Keeper =
  | { readonly kind: "nobody" }
  | { readonly kind: "other"; readonly why: string }
  /** It cannot be seen now. */
  | { readonly kind: "unseen"; readonly why: string };

/** Looks who keeps a ConfigMap as a source of its own says. @throws the signal's reason when aborted */
export async function keeperOf(
  api: ClusterApi,
  { namespace, configMap }: { readonly namespace: string; readonly configMap: string },
  signal: AbortSignal,
): Promise<Keeper> {
  const place = `the ConfigMap ${namespace}/${configMap}`;
  try {
    const object = await api.call(
      { group: "", version: "v1", resource: "configmaps", namespace, name: configMap },
      { verb: "get" },
      signal,
    );
    const owner = object["immutable"] === true ? "it is immutable, and a new one is made for each text" : ownerOf(object);
    return owner === undefined ? { kind: "nobody" } : { kind: "other", why: `${place} is another program's: ${owner}` };
  } catch (error) {
    signal.throwIfAborted();
    // A generator of kustomize makes it under another name each time.
    if (error instanceof ApiError && error.status === 404) return { kind: "other", why: `${place} is not there` };
    if (error instanceof ApiError || error instanceof TargetError)
      return { kind: "unseen", why: `whose ${place} is cannot be seen: ${error.message}` };
    throw error;
  }
}
