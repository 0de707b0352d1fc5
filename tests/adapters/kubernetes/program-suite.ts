import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster } from "../../kubernetes/cluster.ts";
import { oneCluster } from "../../kubernetes/one-cluster.ts";
import { frigateText, makeNamespace, makeWorkload, textOf } from "../../kubernetes/frigate-namespace.ts";

const NAMESPACE = "nvr";
const MAIN = join(import.meta.dirname, "../../../src/main.ts");
let cluster: Cluster;
let folder = "";
beforeAll(async () => {
  cluster = await oneCluster();
  folder = await mkdtemp(join(tmpdir(), "kubernetes-"));
  await makeNamespace(cluster, NAMESPACE);
  await makeWorkload(cluster, NAMESPACE);
  await cluster.do("POST", `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, { metadata: { name: "nobody" } });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly said: string;
}

/** Runs the program as a person does. */
async function shepherd(command: readonly string[], kubernetes: Readonly<Record<string, string>>): Promise<Ran> {
  const config = join(folder, "options.json");
  const frigate = {
    via: "kubernetes",
    kubernetes: { namespace: NAMESPACE, configmap: "frigate", workload: "deployment/frigate", ...kubernetes },
  };
  await writeFile(config, JSON.stringify({ data_dir: join(folder, "data"), frigate, network: { search: false }, mqtt: { url: "none" } }));
  return new Promise((resolve) => {
    const args = [MAIN, ...command, "--config", config];
    execFile(process.execPath, args, { env: { PATH: process.env["PATH"] }, timeout: 50_000 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, said: `${stdout}${stderr}` });
    });
  });
}

const PLAN = ["plan", "--assume", "192.0.2.20=192.0.2.99"];

describe("the program on a cluster", () => {
  test("shows what would be written into the ConfigMap, and writes nothing", async () => {
    const before = await textOf(cluster, NAMESPACE);
    const { code, said } = await shepherd(PLAN, { kubeconfig: await cluster.kubeconfig() });
    expect(said).toContain("config.yml of the ConfigMap nvr/frigate");
    expect(said).toContain("192.0.2.99:554/main  # ours");
    expect(said).not.toContain("canary");
    expect(code).toBe(0);
    expect(await textOf(cluster, NAMESPACE)).toBe(before);
    expect(before).toBe(frigateText("192.0.2.20"));
  });

  test("as somebody who may nothing names the verb, the object and the namespace, and ends with 2", async () => {
    const token = await cluster.tokenOf(NAMESPACE, "nobody");
    const { code, said } = await shepherd(PLAN, { kubeconfig: await cluster.kubeconfig(token) });
    expect(said).toContain("forbids this program to get configmaps/frigate in the namespace nvr");
    expect(said).not.toContain(token);
    expect(code).toBe(2);
  });

  test.each([
    ["a wrong token", async () => ({ kubeconfig: await cluster.kubeconfig("token-canary-52") }), "refuses the token or certificate"],
    [
      "a ConfigMap that is not there",
      async () => ({ kubeconfig: await cluster.kubeconfig(), configmap: "nowhere" }),
      "is not there; correct",
    ],
    ["a key that is not there", async () => ({ kubeconfig: await cluster.kubeconfig(), key: "config.json" }), "correct kubernetes.key"],
    ["no kubeconfig where there is no pod", async () => ({}), "name a kubeconfig under kubernetes.kubeconfig"],
  ])("with %s it says so, ends with 2, and shows no token", async (_what, kubernetes, words) => {
    const { code, said } = await shepherd(PLAN, await kubernetes());
    expect(said).toContain(words);
    expect(said).not.toContain("canary");
    expect(code).toBe(2);
  });

  test("check says that a ConfigMap of Flux's is healed through Git", async () => {
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps/frigate`;
    const labels = { "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system" };
    await cluster.do("PATCH", path, { metadata: { labels } }, "application/merge-patch+json");
    const { code, said } = await shepherd(["check"], { kubeconfig: await cluster.kubeconfig() });
    expect(said).toContain("Flux's Kustomization flux-system/apps puts it back as Git has it; heal through Git (frigate.via: git)");
    expect(code).toBe(2);
  });
});
