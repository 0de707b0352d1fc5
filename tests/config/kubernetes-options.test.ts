import { expect, test } from "vitest";
import { seconds, minutes } from "../../src/domain/duration.ts";
import { formatProblems } from "../../src/config/problems.ts";
import { load, options } from "./loading.ts";

test("a ConfigMap is all that must be named; the rest has its defaults", async () => {
  const { frigate } = await options("frigate: {via: kubernetes, kubernetes: {configmap: frigate-config, workload: Deployment/frigate}}");
  expect(frigate[0]?.kubernetes).toEqual({
    namespace: "frigate",
    configmap: "frigate-config",
    key: "config.yml",
    workload: { kind: "deployment", name: "frigate" },
    override: false,
    lease: "camera-shepherd",
    reconcile: [],
    rollout: minutes(5),
    gather: seconds(5),
    reread: seconds(30),
  });
});

test("what brings commits into use is named by kind, namespace and name", async () => {
  const { frigate } = await options("frigate: {kubernetes: {reconcile: [gitrepository/flux-system/home, application/argocd/frigate]}}");
  expect(frigate[0]?.kubernetes?.reconcile).toEqual([
    { kind: "gitrepository", namespace: "flux-system", name: "home" },
    { kind: "application", namespace: "argocd", name: "frigate" },
  ]);
});

test.each([
  ["frigate: {via: kubernetes}", "frigate.kubernetes.configmap: is missing: via: kubernetes needs the ConfigMap's name"],
  [
    "frigate: {kubernetes: {workload: frigate}}",
    "frigate.kubernetes.workload: must be deployment/NAME, statefulset/NAME or daemonset/NAME",
  ],
  ["frigate: {kubernetes: {workload: pod/frigate}}", "frigate.kubernetes.workload: must be deployment/NAME"],
  ["frigate: {kubernetes: {workload: deployment/Frigate}}", "frigate.kubernetes.workload: must be deployment/NAME"],
  ["frigate: {kubernetes: {configmap: ../secrets}}", "frigate.kubernetes.configmap: must be a name as Kubernetes has them"],
  ["frigate: {kubernetes: {namespace: 'a/b'}}", "frigate.kubernetes.namespace: must be a name as Kubernetes has them"],
  ["frigate: {kubernetes: {reconcile: [home]}}", "frigate.kubernetes.reconcile[0]: must be KIND/NAMESPACE/NAME"],
  ["frigate: {kubernetes: {rollout: 5s}}", "frigate.kubernetes.rollout: must be from 1m to 1h"],
  ["frigate: {kubernetes: {configMap: frigate}}", "did you mean configmap?"],
])("%s is refused", async (document, words) => {
  const loaded = await load(document);
  expect(loaded.ok ? "" : formatProblems(loaded.problems)).toContain(words);
});
