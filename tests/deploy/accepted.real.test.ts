import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { dump } from "js-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { load } from "../config/loading.ts";
import { type Cluster, startCluster, until } from "../kubernetes/cluster.ts";
import { MODES, rendered } from "./chart.ts";
import { FOREIGN_KINDS } from "./foreign-kinds.ts";
import { part } from "../parts.ts";
import { at, DEPLOY, manifests, type Manifest, read, readAll } from "./manifests.ts";

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  for (const { group, version, kind, plural, spec } of FOREIGN_KINDS) {
    const schema = { type: "object", properties: { spec }, required: ["spec"] };
    await cluster.do("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { kind, plural, singular: kind.toLowerCase() },
        versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    });
    await until(kind, async () => (await cluster.call("GET", `/apis/${group}/${version}/namespaces/default/${plural}`)).status === 200);
  }
  for (const name of ["flux-system", "argocd"]) await cluster.do("POST", "/api/v1/namespaces", { metadata: { name } });
});
afterAll(() => cluster.stop());

/** Where the API server takes objects of a kind. */
async function collection({ apiVersion, kind, metadata }: Manifest): Promise<string> {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const { resources } = await cluster.do("GET", root);
  const found = at(resources, "*").find((one) => at(one, "kind")[0] === kind && !String(at(one, "name")[0]).includes("/"));
  if (found === undefined) throw new Error(`this API server does not serve ${kind} in ${apiVersion}`);
  const within = at(found, "namespaced")[0] === true ? `/namespaces/${String(at(metadata, "namespace")[0])}` : "";
  return `${root}${within}/${String(at(found, "name")[0])}`;
}

const FRIGATE_TOKENS = ["http-token", "git-token"].map((name) => `/run/secrets/camera-shepherd/${name}`);

/** What kubectl makes of a kustomization. */
function built(folder: string): readonly Manifest[] {
  const text = execFileSync(part("kubernetes", "1.36.1/kubectl"), ["kustomize", folder], { encoding: "utf8" });
  return readAll(text, folder);
}

/** What a controller makes of a folder of `deploy` and the patches of its own object. */
function patched(folder: string, patches: readonly unknown[]): readonly Manifest[] {
  const own = mkdtempSync(join(tmpdir(), "kustomization-"));
  try {
    writeFileSync(join(own, "kustomization.yaml"), dump({ resources: [relative(own, join(DEPLOY, folder))], patches }));
    return built(own);
  } finally {
    rmSync(own, { recursive: true });
  }
}

const [flux] = read("flux/camera-shepherd.yaml").filter(({ kind }) => kind === "Kustomization");
const [argo] = read("argocd/application.yaml");
const OVERLAYS = [
  { name: "deploy/kubernetes-daemonset", objects: built(join(DEPLOY, "kubernetes-daemonset")), via: "kubernetes" },
  { name: "deploy/kubernetes-git", objects: built(join(DEPLOY, "kubernetes-git")), via: "git" },
  { name: "Flux's Kustomization", objects: patched("kubernetes-git", at(flux, "spec.patches.*")), via: "git" },
  { name: "Argo CD's Application", objects: patched("kubernetes", at(argo, "spec.source.kustomize.patches.*")), via: "kubernetes" },
];

const FOLDERS = ["kubernetes", "kubernetes-daemonset", "argocd", "flux", "prometheus"];

describe("the API server", () => {
  test("takes every manifest as it stands, each field checked", async () => {
    // As kubectl and kustomize do it: what others stand in comes first.
    const isFirst = ([, objects]: readonly [string, readonly Manifest[]]) => (objects.some(({ kind }) => kind === "Namespace") ? 0 : 1);
    const all = FOLDERS.flatMap((folder) => [...manifests(folder)]).toSorted((one, other) => isFirst(one) - isFirst(other));
    expect(all.length).toBeGreaterThan(15);
    for (const [path, objects] of all) {
      for (const object of objects) {
        const { status, body } = await cluster.call("POST", `${await collection(object)}?fieldValidation=Strict`, object);
        expect
          .soft(`${path} ${object.kind} ${String(status)} ${status === 201 ? "" : JSON.stringify(body)}`)
          .toBe(`${path} ${object.kind} 201 `);
      }
    }
  });

  test.each(OVERLAYS)("takes what kustomize makes of $name, whose options all act", async ({ objects, via }) => {
    await cluster.call("POST", "/api/v1/namespaces", { metadata: { name: "frigate" } });
    for (const object of objects) {
      const path = `${await collection(object)}/${String(at(object, "metadata.name")[0])}?fieldManager=t&force=true&fieldValidation=Strict&dryRun=All`;
      const { status, body } = await cluster.call("PATCH", path, object, { type: "application/apply-patch+yaml" });
      expect.soft(`${object.kind} ${status < 300 ? "taken" : JSON.stringify(body)}`).toBe(`${object.kind} taken`);
    }
    const [document] = objects.flatMap((one) => at(one, "data").flatMap((data) => Object.values(Object(data) as object)));
    const containers = objects.flatMap((one) => [
      ...at(one, "spec.template.spec.containers.*"),
      ...at(one, "spec.jobTemplate.spec.template.spec.containers.*"),
    ]);
    expect(containers.length).toBeGreaterThan(0);
    for (const container of containers) {
      const variables = Object.fromEntries(at(container, "env.*").map((one) => [at(one, "name")[0], at(one, "value")[0]]));
      const environment = { ...variables, CAMERA_SHEPHERD_DATA_DIR: "/data" } as Record<string, string>;
      const loaded = await load(
        String(document),
        environment,
        Object.fromEntries(FRIGATE_TOKENS.map((file) => [file, "a-long-random-text"])),
      );
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      expect(loaded.sources.withoutEffect).toEqual([]);
      expect(loaded.options.frigate[0]?.via).toBe(via);
      expect(loaded.options.frigate[0]?.git?.token?.reveal()).toBe(via === "git" ? "a-long-random-text" : undefined);
    }
    // The patches of the rule for the cameras' network meet the right one.
    expect(objects.filter(({ kind }) => kind === "NetworkPolicy").flatMap((one) => at(one, "spec.egress.*.to.*.ipBlock.cidr"))).toEqual([
      "192.168.1.0/24",
    ]);
  });

  test.each(MODES)("takes what the chart renders as %s, each field checked", async (mode) => {
    await cluster.do("POST", "/api/v1/namespaces", { metadata: { name: mode } });
    const objects = readAll(rendered(mode).replaceAll("namespace: frigate", `namespace: ${mode}`), mode);
    const kinds = { daemon: "Deployment", schedule: "CronJob", host: "DaemonSet", git: "Deployment" } as const;
    expect(objects.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([kinds[mode], "Role", "ConfigMap", "ServiceMonitor", "PrometheusRule"]),
    );
    for (const object of objects) {
      const { status, body } = await cluster.call("POST", `${await collection(object)}?fieldValidation=Strict`, object);
      expect.soft(`${object.kind} ${String(status)} ${status === 201 ? "" : JSON.stringify(body)}`).toBe(`${object.kind} 201 `);
    }
  });

  test("would refuse a field that it does not know, of its own kinds and of others'", async () => {
    const [deployment] = [...manifests("kubernetes").values()].flat().filter(({ kind }) => kind === "Deployment");
    const [monitor] = [...manifests("prometheus").values()].flat().filter(({ kind }) => kind === "ServiceMonitor");
    for (const manifest of [deployment, monitor]) {
      if (manifest === undefined) throw new Error("not there");
      const wrong = { ...manifest, spec: { ...Object(manifest["spec"]), replica: 1 } } as Manifest;
      const { status, body } = await cluster.call("POST", `${await collection(wrong)}?fieldValidation=Strict&dryRun=All`, wrong);
      expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining("replica") as string]);
    }
  });

  test("serves the built-in kinds in versions that are generally available", () => {
    const own = ["kubernetes", "kubernetes-daemonset"].flatMap((folder) => [...manifests(folder).values()].flat());
    expect([...new Set(own.map(({ apiVersion }) => apiVersion))].filter((version) => !/(?:^|\/)v\d+$/.test(version))).toEqual([]);
  });
});
