import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { createProcesses } from "../../../src/adapters/system/processes.ts";
import { type Documents, documentsOf } from "../../../src/app/documents.ts";
import { milliseconds } from "../../../src/domain/duration.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";
import { options } from "../../config/loading.ts";
import { optionFiles } from "../../config/option-files.ts";
import { FakePins } from "../../fakes/fake-pins.ts";
import type { Cluster } from "../../kubernetes/cluster.ts";
import { frigateText, makeNamespace, makeWorkload, textOf } from "../../kubernetes/frigate-namespace.ts";
import { oneCluster } from "../../kubernetes/one-cluster.ts";
import { makeRepository, removeRepositories, type Repository } from "../git/repository.ts";

const FLUX = { "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system" };
const PATH = "apps/frigate/config.yml";
const BEFORE = frigateText("192.0.2.20");
const AFTER = frigateText("192.0.2.99");
const never = () => new AbortController().signal;
let cluster: Cluster;
let kubeconfig = "";
let folder = "";
let count = 0;

beforeAll(async () => {
  cluster = await oneCluster();
  kubeconfig = await cluster.kubeconfig();
  folder = await mkdtemp(join(tmpdir(), "choosing-"));
});
afterAll(async () => {
  await removeRepositories();
  await rm(folder, { recursive: true, force: true });
});

/** Time passes a hundred times as fast between looks. */
function hasty(): Clock {
  const clock = createSystemClock();
  return { ...clock, wait: (name, span, signal) => clock.wait(name, milliseconds(span / 100), signal) };
}

interface Both {
  readonly namespace: string;
  readonly repository: Repository;
  readonly documents: Documents;
  /** How the document is reached, and why so. */
  readonly way: string;
}

/** A Frigate of which both places are given. */
async function both(metadata: object, more: object = {}, frigateMore: object = {}): Promise<Both> {
  count += 1;
  const namespace = `choosing-${String(count)}`;
  await makeNamespace(cluster, namespace, BEFORE, metadata);
  const repository = await makeRepository(PATH, BEFORE);
  const frigate = {
    ...frigateMore,
    git: { url: repository.url, path: PATH },
    kubernetes: { namespace, configmap: "frigate", kubeconfig, ...more },
  };
  const settings = {
    options: await options(JSON.stringify({ data_dir: join(folder, namespace), frigate })),
    files: optionFiles({}, {}),
    pins: new FakePins(),
    clock: hasty(),
    processes: createProcesses(),
    installation: "here",
    dryRun: false,
  };
  const documents = await documentsOf(settings, never());
  return { namespace, repository, documents, way: documents.ways.get("frigate" as TargetName) ?? "" };
}

/** Writes the camera's present address by the way that was chosen. @returns where it stands then */
async function heal({ documents, repository, namespace }: Both): Promise<{ readonly repository: boolean; readonly configMap: boolean }> {
  const [target, ...others] = documents.targets;
  if (target === undefined || others.length > 0) throw new Error("not one document");
  const { text, revision } = await target.read(never());
  expect(text).toBe(BEFORE);
  expect(await target.write(AFTER, revision, never())).toMatchObject({ kind: "written" });
  const committed = Buffer.from(await repository.bytes(PATH)).toString("utf8");
  return { repository: committed === AFTER, configMap: (await textOf(cluster, namespace)) === AFTER };
}

describe("of a repository and a ConfigMap that are both given", () => {
  test.each([
    ["Flux", { labels: FLUX }, "Flux's Kustomization flux-system/apps puts it back as Git has it"],
    ["Argo CD", { annotations: { "argocd.argoproj.io/tracking-id": "home:/ConfigMap:frigate/frigate" } }, "Argo CD's Application home"],
    ["Helm", { labels: { "app.kubernetes.io/managed-by": "Helm" } }, "the Helm release that made it"],
  ])("the repository is written where %s keeps the ConfigMap, which is left alone", async (_who, metadata, why) => {
    const home = await both(metadata);
    expect(home.way).toContain(`by commits to ${PATH} on main`);
    expect(home.way).toContain(why);
    expect(home.documents.piped.map(({ name }) => name)).toEqual(["frigate"]);
    expect(await heal(home)).toEqual({ repository: true, configMap: false });
  });

  test("a commit to the repository is followed into the ConfigMap, and what runs on it restarted, where Frigate's address and the workload are named", async () => {
    const [url, workload] = ["http://127.0.0.1:9", "deployment/frigate"];
    const home = await both({ labels: FLUX }, { workload }, { url });
    await makeWorkload(cluster, home.namespace);
    const [piped] = home.documents.piped;
    expect(piped?.isRestarted).toBe(true);
    expect(piped?.delivered?.place).toContain(`config.yml of the ConfigMap ${home.namespace}/frigate`);
    expect((await piped?.delivered?.read(never()))?.text).toBe(BEFORE);
    const facts = async ({ documents }: Both) => (await documents.targets[0]?.examine?.(never())) ?? [];
    expect((await facts(home)).map(({ found }) => found)).toContainEqual(expect.stringContaining("it is restarted for that"));
    const token = await cluster.tokenOf(home.namespace, "default");
    const unseen = await both({}, { workload, kubeconfig: await cluster.kubeconfig(token), override: false }, { url, via: "git" });
    expect(await facts(unseen)).toContainEqual(expect.objectContaining({ state: "act", reason: "ClusterForbids" }));
    for (const [kubernetes, frigate] of [
      [{}, { url }],
      [{ workload }, {}],
    ] as const) {
      const less = await both({ labels: FLUX }, kubernetes, frigate);
      expect(less.documents.piped[0]?.isRestarted).toBeUndefined();
      expect(JSON.stringify(await facts(less))).not.toContain("restarted");
    }
  });

  test("the ConfigMap is written where nobody keeps it, and where a person says so", async () => {
    const free = await both({});
    expect(free.way).toContain("by the Kubernetes API, as config.yml of the ConfigMap");
    expect(free.way).toContain("since no other program keeps the ConfigMap");
    expect(free.documents.piped).toEqual([]);
    expect(await heal(free)).toEqual({ repository: false, configMap: true });
    const overridden = await both({ labels: FLUX }, { override: true });
    expect(overridden.way).toContain("kubernetes.override is set");
    expect(await heal(overridden)).toEqual({ repository: false, configMap: true });
  });

  test("the repository is written where the ConfigMap is not there, is immutable or cannot be seen, and that is said", async () => {
    expect((await both({}, { configmap: "frigate-5m2ktbg8fh" })).way).toContain("is not there");
    const stranger = await cluster.kubeconfig("token-canary-91c2");
    const unseen = await both({}, { kubeconfig: stranger });
    expect(unseen.way).toContain("by commits to");
    expect(unseen.way).toContain("cannot be seen: the Kubernetes API server");
    expect(unseen.way).not.toContain("canary");
    expect(await heal(unseen)).toEqual({ repository: true, configMap: false });
  });

  test("the choice is made anew where the ConfigMap gets an owner, loses it, or can be seen again", async () => {
    const path = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps/frigate`;
    const mark = (namespace: string, labels: object) =>
      cluster.do("PATCH", path(namespace), { metadata: { labels } }, "application/merge-patch+json");
    const unseenConfig = join(folder, "unseen");
    await writeFile(unseenConfig, "{}");
    const [gets, loses, seen] = [await both({}), await both({ labels: FLUX }), await both({}, { kubeconfig: unseenConfig })];
    const ended: string[] = [];
    const stop = new AbortController();
    const watch = (name: string, { documents }: Both): Promise<unknown> =>
      documents.changed(stop.signal).then(
        () => ended.push(name),
        () => undefined,
      );
    const still = watch("still", await both({ labels: FLUX }));
    await mark(gets.namespace, FLUX);
    await mark(loses.namespace, { "kustomize.toolkit.fluxcd.io/name": null });
    await writeFile(unseenConfig, await readFile(kubeconfig));
    await Promise.all([watch("gets", gets), watch("loses", loses), watch("seen", seen)]);
    expect(ended.toSorted()).toEqual(["gets", "loses", "seen"]);
    stop.abort(new Error("the end"));
    await still;
    expect(ended).toHaveLength(3);
  });
});
