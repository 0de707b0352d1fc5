import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, startCluster, until } from "../kubernetes/cluster.ts";
import { MODES, rendered } from "./chart.ts";
import { FOREIGN_KINDS } from "./foreign-kinds.ts";
import { at, manifests, type Manifest, readAll } from "./manifests.ts";

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

  test.each(MODES)("takes what the chart renders as %s, each field checked", async (mode) => {
    await cluster.do("POST", "/api/v1/namespaces", { metadata: { name: mode } });
    const objects = readAll(rendered(mode).replaceAll("namespace: frigate", `namespace: ${mode}`), mode);
    const kinds = { daemon: "Deployment", schedule: "CronJob", host: "DaemonSet" } as const;
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
