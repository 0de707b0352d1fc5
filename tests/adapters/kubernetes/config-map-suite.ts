import { readFile, writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import type { TargetError } from "../../../src/ports/config-target.ts";
import { configTargetContract } from "../../contract/config-target.ts";
import { at, type Cluster, textAt } from "../../kubernetes/cluster.ts";
import { oneCluster } from "../../kubernetes/one-cluster.ts";
import { apiWith, frigateText, KEY, makeNamespace, targetIn, textOf } from "../../kubernetes/frigate-namespace.ts";

const never = () => new AbortController().signal;
let cluster: Cluster;
let kubeconfig = "";
let count = 0;

beforeAll(async () => {
  cluster = await oneCluster();
  kubeconfig = await cluster.kubeconfig();
});

async function home(text?: string, metadata?: object): Promise<string> {
  count += 1;
  const namespace = `home-${String(count)}`;
  await makeNamespace(cluster, namespace, text, metadata);
  return namespace;
}

const pathOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps/frigate`;

async function edit(namespace: string, text: string): Promise<void> {
  await cluster.do("PATCH", pathOf(namespace), { data: { [KEY]: text } }, "application/merge-patch+json");
}

function refusal(reason: TargetError["reason"], words: string) {
  return { name: "TargetError", reason, message: expect.stringContaining(words) as string };
}

configTargetContract("a ConfigMap", async (text) => {
  const namespace = await home(text);
  return {
    target: targetIn(namespace, apiWith(kubeconfig)),
    bytes: async () => new TextEncoder().encode(await textOf(cluster, namespace)),
    edit: async (bytes) => {
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
      // What is no UTF-8 a ConfigMap takes under binaryData alone.
      const isText = Buffer.from(text).equals(Buffer.from(bytes));
      const binary = { data: { [KEY]: null }, binaryData: { [KEY]: Buffer.from(bytes).toString("base64") } };
      await cluster.do("PATCH", pathOf(namespace), isText ? { data: { [KEY]: text } } : binary, "application/merge-patch+json");
    },
    remove: async () => {
      await cluster.do("DELETE", pathOf(namespace));
    },
  };
});

describe("a document in a ConfigMap", () => {
  test("is written while others change the rest of the object, of which nothing is lost", async () => {
    const namespace = await home();
    const target = targetIn(namespace, apiWith(kubeconfig));
    let { text, revision } = await target.read(never());
    const others = Array.from({ length: 20 }, (_, index) =>
      cluster.do("PATCH", pathOf(namespace), { data: { [`other-${String(index)}`]: "theirs" } }, "application/merge-patch+json"),
    );
    for (let at = 1; at <= 10; at += 1) {
      text = frigateText(`192.0.2.${String(100 + at)}`);
      const outcome = await target.write(text, revision, never());
      if (outcome.kind !== "written") throw new Error(outcome.kind);
      revision = outcome.revision;
    }
    await Promise.all(others);
    const data = at(await cluster.do("GET", pathOf(namespace)), "data");
    expect(textAt(data, KEY)).toBe(text);
    expect(Object.keys(data ?? {})).toHaveLength(22);
    expect(textAt(data, "other")).toBe("left alone");
  });

  test("that somebody saved meanwhile is left as they saved it, and can be written from there", async () => {
    const namespace = await home();
    const target = targetIn(namespace, apiWith(kubeconfig));
    const { revision } = await target.read(never());
    await edit(namespace, frigateText("192.0.2.21"));
    const outcome = await target.write(frigateText("192.0.2.99"), revision, never());
    expect(outcome).toMatchObject({ kind: "stale", current: { text: frigateText("192.0.2.21") } });
    if (outcome.kind !== "stale") throw new Error(outcome.kind);
    expect(await target.write(frigateText("192.0.2.99"), outcome.current.revision, never())).toMatchObject({ kind: "written" });
    expect(await textOf(cluster, namespace)).toBe(frigateText("192.0.2.99"));
  });

  test("says in an annotation which cameras it moved, as long as that is not taken back", async () => {
    const namespace = await home(frigateText("192.0.2.20", "192.0.2.30"));
    const target = targetIn(namespace, apiWith(kubeconfig));
    const moves = async (): Promise<unknown> => {
      const map = await cluster.do("GET", pathOf(namespace));
      return at(JSON.parse(textAt(map, "metadata", "annotations", "camera-shepherd.io/last-change")), "moves");
    };
    let { revision } = await target.read(never());
    const write = async (...addresses: readonly string[]): Promise<void> => {
      const outcome = await target.write(frigateText(...addresses), revision, never());
      if (outcome.kind !== "written") throw new Error(outcome.kind);
      ({ revision } = outcome);
    };
    await write("192.0.2.77", "192.0.2.30");
    expect(await moves()).toEqual([{ camera: "camera1", from: "192.0.2.20", to: "192.0.2.77" }]);
    await write("192.0.2.78", "192.0.2.31");
    expect(await moves()).toEqual([
      { camera: "camera1", from: "192.0.2.20", to: "192.0.2.78" },
      { camera: "camera2", from: "192.0.2.30", to: "192.0.2.31" },
    ]);
    await write("192.0.2.20", "192.0.2.31");
    expect(await moves()).toEqual([{ camera: "camera2", from: "192.0.2.30", to: "192.0.2.31" }]);
  });

  test.each([
    [
      { labels: { "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system" } },
      "Kustomization flux-system/apps",
    ],
    [{ labels: { "helm.toolkit.fluxcd.io/name": "frigate", "helm.toolkit.fluxcd.io/namespace": "home" } }, "HelmRelease home/frigate"],
    [{ annotations: { "argocd.argoproj.io/tracking-id": "home:/ConfigMap:frigate/frigate" } }, "Argo CD's Application home"],
    [
      { labels: { "app.kubernetes.io/managed-by": "Helm" }, annotations: { "meta.helm.sh/release-name": "frigate" } },
      "Helm release frigate",
    ],
    [
      { ownerReferences: [{ apiVersion: "example.org/v1", kind: "Frigate", name: "home", uid: "1", controller: true }] },
      "Frigate home made it",
    ],
  ])("that another program owns is read and not written, and Git is named: %#", async (metadata, owner) => {
    const namespace = await home(undefined, metadata);
    const target = targetIn(namespace, apiWith(kubeconfig));
    const { text, revision } = await target.read(never());
    const refused = [() => target.checkWritable(never()), () => target.write(frigateText("192.0.2.99"), revision, never())];
    for (const ask of refused) {
      const error: unknown = await ask().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject(refusal("OwnedElsewhere", owner));
      expect(error).toMatchObject(refusal("OwnedElsewhere", "frigate.via: git"));
    }
    expect(await textOf(cluster, namespace)).toBe(text);
    const anyway = targetIn(namespace, apiWith(kubeconfig), { override: true });
    expect(await anyway.write(frigateText("192.0.2.99"), revision, never())).toMatchObject({ kind: "written" });
  });

  test.each([{ "kustomize.toolkit.fluxcd.io/ssa": "Ignore" }, { "kustomize.toolkit.fluxcd.io/reconcile": "disabled" }])(
    "that its owner was told to leave alone is written: %o",
    async (annotations) => {
      const namespace = await home(undefined, { labels: { "kustomize.toolkit.fluxcd.io/name": "apps" }, annotations });
      const target = targetIn(namespace, apiWith(kubeconfig));
      const { revision } = await target.read(never());
      expect(await target.write(frigateText("192.0.2.99"), revision, never())).toMatchObject({ kind: "written" });
    },
  );

  test("that a kustomize generator made is not written: the next apply makes another", async () => {
    const namespace = await home();
    await cluster.do("POST", `/api/v1/namespaces/${namespace}/configmaps`, {
      metadata: { name: "frigate-config-5m2ktbg8fh" },
      data: { [KEY]: frigateText("192.0.2.20") },
    });
    const target = targetIn(namespace, apiWith(kubeconfig), { configMap: "frigate-config-5m2ktbg8fh" });
    await expect(target.checkWritable(never())).rejects.toMatchObject(refusal("OwnedElsewhere", "kustomize generator"));
  });

  test("that is immutable, or lacks the key, says so with what to do", async () => {
    const namespace = await home();
    const api = apiWith(kubeconfig);
    await expect(targetIn(namespace, api, { key: "config.yaml" }).read(never())).rejects.toMatchObject(
      refusal("DocumentMissing", "it holds config.yml, other; correct kubernetes.key"),
    );
    await expect(targetIn("nowhere", api).read(never())).rejects.toMatchObject(refusal("DocumentMissing", "kubernetes.namespace"));
    await cluster.do("PATCH", pathOf(namespace), { immutable: true }, "application/merge-patch+json");
    const target = targetIn(namespace, api);
    const { revision } = await target.read(never());
    await expect(target.checkWritable(never())).rejects.toMatchObject(refusal("ConfigMapImmutable", "heal through Git"));
    await expect(target.write("a: 1\n", revision, never())).rejects.toMatchObject(refusal("ConfigMapImmutable", "heal through Git"));
  });

  test("a wrong token, and a certificate of another server, are said without the token", async () => {
    const namespace = await home();
    const wrong = targetIn(namespace, apiWith(await cluster.kubeconfig("token-canary-31b8")));
    const refused = await wrong.read(never()).catch((error: unknown) => error);
    expect(refused).toMatchObject(refusal("ClusterRefusesLogin", "refuses the token"));
    const told = inspect(refused, { depth: 10, showHidden: true });
    expect(told).toContain("ClusterRefusesLogin");
    expect(told).not.toContain("token-canary-31b8");
    const config = JSON.parse(await readFile(kubeconfig, "utf8")) as { clusters: [{ cluster: Record<string, string> }] };
    delete config.clusters[0].cluster["certificate-authority-data"];
    const path = `${kubeconfig}-without-ca`;
    await writeFile(path, JSON.stringify(config));
    await expect(targetIn(namespace, apiWith(path)).read(never())).rejects.toMatchObject(refusal("ClusterRefused", "certificate"));
  });
});
