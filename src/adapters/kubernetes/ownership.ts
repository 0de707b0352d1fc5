import { type Plain, plains } from "../../domain/plain.ts";
import { within } from "./cluster-api.ts";

const FLUX_KUSTOMIZE = "kustomize.toolkit.fluxcd.io";
const FLUX_HELM = "helm.toolkit.fluxcd.io";
/** kustomize's own letters (kubernetes-sigs/kustomize api/hasher): a digest of the content ends the name. */
const HASH_SUFFIX = /-[2456789bcdfghkmt]{10}$/;

/**
 * Who would undo a change of this object, in words; undefined where nobody would. Flux marks what it applies with labels (fluxcd/kustomize-controller
 * docs/spec/v1/kustomizations.md), Argo CD with an annotation (argoproj/argo-cd docs/user-guide/resource_tracking.md).
 */
export function ownerOf(object: Plain): string | undefined {
  const metadata = within(object, "metadata");
  const label = reader(within(metadata, "labels"));
  const annotation = reader(within(metadata, "annotations"));
  const kustomization = label(`${FLUX_KUSTOMIZE}/name`);
  if (kustomization !== undefined && !isLeftAlone(annotation))
    return `Flux's Kustomization ${label(`${FLUX_KUSTOMIZE}/namespace`) ?? "?"}/${kustomization} puts it back as Git has it`;
  const release = label(`${FLUX_HELM}/name`);
  if (release !== undefined)
    return `Flux's HelmRelease ${label(`${FLUX_HELM}/namespace`) ?? "?"}/${release} puts it back as its values have it`;
  const application = annotation("argocd.argoproj.io/tracking-id")?.split(":")[0] ?? label("argocd.argoproj.io/instance");
  if (application !== undefined) return `Argo CD's Application ${application} puts it back as Git has it`;
  const helm = annotation("meta.helm.sh/release-name");
  if (helm !== undefined || label("app.kubernetes.io/managed-by") === "Helm")
    return `the Helm release ${helm ?? "that made it"} replaces it at its next upgrade`;
  const controller = ownerReference(metadata);
  if (controller !== undefined) return `${controller} made it and puts it back`;
  const name = metadata["name"];
  if (typeof name === "string" && HASH_SUFFIX.test(name))
    return "a kustomize generator made it: its name ends with a digest of its content, and the next apply makes another one";
  return undefined;
}

/** Flux leaves an object alone by these annotations of a person's. */
function isLeftAlone(annotation: (key: string) => string | undefined): boolean {
  const ssa = annotation(`${FLUX_KUSTOMIZE}/ssa`)?.toLowerCase();
  return ssa === "ignore" || ssa === "ifnotpresent" || annotation(`${FLUX_KUSTOMIZE}/reconcile`)?.toLowerCase() === "disabled";
}

function ownerReference(metadata: Plain): string | undefined {
  const controller = plains(metadata["ownerReferences"]).find((reference) => reference["controller"] === true);
  if (controller === undefined) return undefined;
  const { kind, name } = controller;
  return `${String(kind)} ${String(name)}`;
}

function reader(values: Plain): (key: string) => string | undefined {
  return (key) => {
    const value = values[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
}
