import { beforeAll, describe, expect, test } from "vitest";
import type { PipelineStep } from "../../../src/adapters/kubernetes/pipelines.ts";
import { clusterPipeline } from "../../../src/app/kubernetes.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { KubernetesOptions } from "../../../src/config/kubernetes-options.ts";
import { milliseconds } from "../../../src/domain/duration.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Pipeline } from "../../../src/ports/pipeline.ts";
import { at, type Cluster, type Json, textAt, until } from "../../kubernetes/cluster.ts";
import { oneCluster } from "../../kubernetes/one-cluster.ts";

const KINDS = [
  ["source.toolkit.fluxcd.io", "v1", "GitRepository", "gitrepositories"],
  ["kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations"],
  ["helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases"],
  ["argoproj.io", "v1alpha1", "Application", "applications"],
] as const;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await oneCluster();
  // Kinds with the groups and versions that Flux and Argo CD serve; of their fields only what is spoken to here.
  await Promise.all(
    KINDS.map(async ([group, name, kind, plural]) => {
      const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
      const version = { name, served: true, storage: true, schema: { openAPIV3Schema: schema } };
      await cluster.do("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
        metadata: { name: `${plural}.${group}` },
        spec: { group, scope: "Namespaced", names: { kind, plural, singular: kind.toLowerCase() }, versions: [version] },
      });
      const list = `/apis/${group}/${name}/namespaces/default/${plural}`;
      await until(kind, async () => (await cluster.call("GET", list)).status === 200);
      for (const object of ["home", "other", "asleep"]) {
        const spec = object === "asleep" ? { suspend: true } : {};
        await cluster.do("POST", list, { apiVersion: `${group}/${name}`, kind, metadata: { name: object }, spec });
      }
    }),
  );
});

const never = () => new AbortController().signal;

/** It looks ten times as often whether a controller has handled what it was asked. */
function hasty(): Clock {
  const clock = createSystemClock();
  return { ...clock, wait: (name, span, signal) => clock.wait(name, milliseconds(span / 10), signal) };
}

function pathOf(kind: PipelineStep["kind"], name = "home"): string {
  const [group, version, , plural] = KINDS.find(([, , known]) => known.toLowerCase() === kind) ?? KINDS[0];
  return `/apis/${group}/${version}/namespaces/default/${plural}/${name}`;
}

/** What the options' `reconcile` makes. */
async function pipelineOf(reconcile: readonly string[], token?: string): Promise<Pipeline> {
  const options = KubernetesOptions.parse({ kubeconfig: await cluster.kubeconfig(token), reconcile });
  const pipeline = options === undefined ? undefined : clusterPipeline(options, { environment: {}, clock: hasty() });
  if (pipeline === undefined) throw new Error("no pipeline");
  return pipeline;
}

/** A controller's part: once the object carries an annotation that is new, changes it. */
async function controller(path: string, annotation: string, patch: (value: string) => object, order?: string[]): Promise<void> {
  const before = textAt(await cluster.do("GET", path), "metadata", "annotations", annotation);
  let object: Json = {};
  await until(annotation, async () => {
    object = await cluster.do("GET", path);
    const value = textAt(object, "metadata", "annotations", annotation);
    return value !== "" && value !== before;
  });
  order?.push(path);
  await cluster.do("PATCH", path, patch(textAt(object, "metadata", "annotations", annotation)), "application/merge-patch+json");
}

const REQUESTED = "reconcile.fluxcd.io/requestedAt";
const handled =
  (status: string, message = "") =>
  (value: string) => ({
    status: { lastHandledReconcileAt: value, conditions: [{ type: "Ready", status, reason: "BuildFailed", message }] },
  });

describe("Flux and Argo CD through the API server", () => {
  test("asks Flux for the source, then for what is made of it, and returns when both were handled", async () => {
    const pipeline = await pipelineOf(["gitrepository/default/home", "kustomization/default/home"]);
    expect(pipeline).toMatchObject({ name: "flux", place: "gitrepository/default/home, kustomization/default/home" });
    const order: string[] = [];
    await Promise.all([
      pipeline.trigger(never()),
      controller(pathOf("gitrepository"), REQUESTED, handled("True"), order),
      controller(pathOf("kustomization"), REQUESTED, handled("True"), order),
    ]);
    expect(order).toEqual([pathOf("gitrepository"), pathOf("kustomization")]);
  });

  test("says what Flux says where the commit cannot be brought into use, without credentials", async () => {
    const pipeline = await pipelineOf(["helmrelease/default/home"]);
    const words = "cannot fetch https://me:canary-pass@git.example.org/home: no such chart";
    const outcome = await Promise.allSettled([
      pipeline.trigger(never()),
      controller(pathOf("helmrelease"), REQUESTED, handled("False", words)),
    ]);
    const [{ reason }] = outcome as unknown as [PromiseRejectedResult];
    expect(reason).toMatchObject({
      name: "PipelineError",
      reason: "PipelineFailed",
      message: expect.stringContaining("no such chart") as string,
    });
    expect(String(reason)).not.toContain("canary-pass");
  });

  test("asks nothing of what is suspended, and says so", async () => {
    const pipeline = await pipelineOf(["kustomization/default/asleep"]);
    await expect(pipeline.trigger(never())).rejects.toMatchObject({ reason: "PipelineSuspended" });
    const object = await cluster.do("GET", pathOf("kustomization", "asleep"));
    expect(textAt(object, "metadata", "annotations", REQUESTED)).toBe("");
  });

  test("is checked without being asked: what is there, suspended, missing or forbidden", async () => {
    const steps = ["gitrepository/default/other", "application/default/other"];
    await (await pipelineOf(steps)).check(never());
    for (const kind of ["gitrepository", "application"] as const)
      expect(at(await cluster.do("GET", pathOf(kind, "other")), "metadata", "annotations")).toBeUndefined();
    const asleep = await pipelineOf(["kustomization/default/asleep"]);
    await expect(asleep.check(never())).rejects.toMatchObject({ reason: "PipelineSuspended" });
    const missing = await pipelineOf(["gitrepository/default/nowhere"]);
    await expect(missing.check(never())).rejects.toMatchObject({ reason: "PipelineMissing" });
    await cluster.do("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "reader" } });
    const rules = [{ apiGroups: ["source.toolkit.fluxcd.io"], resources: ["gitrepositories"], verbs: ["get"] }];
    await cluster.do("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", { metadata: { name: "reader" }, rules });
    await cluster.do("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", {
      metadata: { name: "reader" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
      subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "default" }],
    });
    const reader = await pipelineOf(["gitrepository/default/other"], await cluster.tokenOf("default", "reader"));
    await expect(reader.check(never())).rejects.toMatchObject({
      reason: "PipelineRefused",
      message: expect.stringContaining("allow the verb patch on gitrepositories") as string,
    });
  });

  test("asks Argo CD to refresh, and returns when it has", async () => {
    const pipeline = await pipelineOf(["application/default/home"]);
    expect(pipeline.name).toBe("argocd");
    const refresh = "argocd.argoproj.io/refresh";
    await Promise.all([
      pipeline.trigger(never()),
      controller(pathOf("application"), refresh, (value) => ({
        metadata: { annotations: { [refresh]: value === "normal" ? null : value } },
      })),
    ]);
    expect(textAt(await cluster.do("GET", pathOf("application")), "metadata", "annotations", refresh)).toBe("");
  });

  test("names what is missing or forbidden, and gives up at once when it is told to", async () => {
    const missing = await pipelineOf(["gitrepository/default/nowhere"]);
    await expect(missing.trigger(never())).rejects.toMatchObject({
      reason: "PipelineMissing",
      message: expect.stringContaining("nowhere") as string,
    });
    await cluster.do("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "nobody" } });
    const forbidden = await pipelineOf(["gitrepository/default/other"], await cluster.tokenOf("default", "nobody"));
    await expect(forbidden.trigger(never())).rejects.toMatchObject({
      reason: "PipelineRefused",
      message: expect.stringContaining("allow the verb get on gitrepositories of the API group source.toolkit.fluxcd.io") as string,
    });
    const waiting = await pipelineOf(["gitrepository/default/other"]);
    const stop = new AbortController();
    const triggered = waiting.trigger(stop.signal);
    setTimeout(() => stop.abort(new Error("the end")), 300);
    await expect(triggered).rejects.toThrow("the end");
  });
});
