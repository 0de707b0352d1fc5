import type { Plain } from "../../domain/plain.ts";
import { within } from "./cluster-api.ts";

const RELOADER = "reloader.stakater.com";

/** Whether Stakater's Reloader restarts the workload when this ConfigMap changes (stakater/Reloader docs/Reloader-vs-ConfigmapController.md and its README). */
export function isReloaded(workload: Plain, configMap: Plain, name: string): boolean {
  const map = within(configMap, "metadata", "annotations");
  if (map[`${RELOADER}/ignore`] === "true") return false;
  const marks = [within(workload, "metadata", "annotations"), within(workload, "spec", "template", "metadata", "annotations")];
  return marks.some((annotations) => {
    const named = annotations[`configmap.${RELOADER}/reload`];
    const isNamed = typeof named === "string" && named.split(",").some((entry) => entry.trim() === name);
    const isAuto = annotations[`${RELOADER}/auto`] === "true" || annotations[`configmap.${RELOADER}/auto`] === "true";
    const isSearched = annotations[`${RELOADER}/search`] === "true" && map[`${RELOADER}/match`] === "true";
    return isNamed || isAuto || isSearched;
  });
}
