import { readFile } from "node:fs/promises";
import { loadAll } from "js-yaml";
import { beforeAll, describe, expect, test } from "vitest";
import { LeaseObject } from "../../../src/adapters/kubernetes/lease-object.ts";
import { Workload } from "../../../src/adapters/kubernetes/workload.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { minutes } from "../../../src/domain/duration.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { documentLeaseContract } from "../../contract/document-lease.ts";
import { at, type Cluster, type Json, textAt, until } from "../../kubernetes/cluster.ts";
import { oneCluster } from "../../kubernetes/one-cluster.ts";
import { apiWith, frigateText, KEY, makeNamespace, makeWorkload, targetIn } from "../../kubernetes/frigate-namespace.ts";

const NAMESPACE = "frigate";
const never = () => new AbortController().signal;

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const manifests = loadAll(await readFile(new URL("../../../deploy/kubernetes/rbac.yaml", import.meta.url), "utf8")) as readonly Json[];
const role = manifests.find(({ kind }) => kind === "Role") ?? {};
const RULES = role["rules"] as readonly Rule[];
/** Each verb of each rule, by itself. */
const PERMISSIONS = RULES.flatMap((rule, index) => rule.verbs.map((verb) => ({ index, verb, resource: rule.resources.join() })));
const ROLE = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/roles/camera-shepherd`;

const PATHS: Readonly<Record<string, string>> = {
  ServiceAccount: `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`,
  Role: `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/roles`,
  RoleBinding: `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/rolebindings`,
  Lease: `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`,
};

let cluster: Cluster;
let admin = "";
let own = "";
beforeAll(async () => {
  cluster = await oneCluster();
  admin = await cluster.kubeconfig();
  await makeNamespace(cluster, NAMESPACE);
  await makeWorkload(cluster, NAMESPACE);
  await cluster.do("DELETE", `${PATHS["Lease"] ?? ""}/camera-shepherd`);
  // Strict: a field that the API server does not know is an error.
  for (const manifest of manifests) await cluster.do("POST", `${PATHS[textAt(manifest, "kind")] ?? ""}?fieldValidation=Strict`, manifest);
  own = await cluster.kubeconfig(await cluster.tokenOf(NAMESPACE, "camera-shepherd"));
});

function leaseAs(kubeconfig: string, clock: Clock, id: string, lease = "camera-shepherd", namespace = NAMESPACE): LeaseObject {
  return new LeaseObject({ api: apiWith(kubeconfig), namespace, lease, clock, id: () => id });
}

/** All that the program does in a cluster; what of it was not done, in words. */
async function everything(): Promise<string> {
  const clock = createSystemClock();
  const api = apiWith(own);
  const workload = new Workload({
    api,
    clock,
    namespace: NAMESPACE,
    configMap: "frigate",
    key: KEY,
    kind: "deployment",
    name: "frigate",
    limit: minutes(5),
  });
  const target = targetIn(NAMESPACE, api);
  const lease = leaseAs(own, clock, "one");
  const taken = await lease.take(never());
  const wrongs: string[] = taken.kind === "none" ? [taken.why] : [];
  const note = (error: unknown): void => void wrongs.push(error instanceof Error ? error.message : String(error));
  const read = await target.read(never()).catch(note);
  const text = frigateText(`192.0.2.${String(Math.ceil(Math.random() * 250))}`);
  if (read !== undefined) await target.write(text, read.revision, never()).catch(note);
  await workload.checkRestart(never()).catch(note);
  await workload.restart(clock.now(), never()).catch(note);
  await lease.release();
  return wrongs.join("\n");
}

async function give(rules: readonly Rule[]): Promise<void> {
  await cluster.do("PATCH", ROLE, { rules: rules.filter(({ verbs }) => verbs.length > 0) }, "application/merge-patch+json");
}

describe("the shipped Role", () => {
  test("is enough for all that the program does", async () => {
    await give(RULES);
    await until("the permissions", async () => (await everything()) === "");
    expect(await everything()).toBe("");
  });

  test.each(PERMISSIONS)("without $verb on $resource is not, and that very verb is named", async ({ index, verb, resource }) => {
    await give(RULES.map((rule, at) => (at === index ? { ...rule, verbs: rule.verbs.filter((one) => one !== verb) } : rule)));
    let wrongs = "";
    // The API server's own view of a Role lags a moment behind.
    await until("the refusal", async () => (wrongs = await everything()) !== "");
    expect(wrongs).toContain(`forbids this program to ${verb} ${resource}`);
    expect(wrongs).toContain(`in the namespace ${NAMESPACE}: allow the verb ${verb} on ${resource} of`);
    await give(RULES);
    await until("the permissions", async () => (await everything()) === "");
  });

  test.each([
    ["get", "/api/v1/namespaces/frigate/secrets/any", undefined],
    ["get", "/api/v1/namespaces/frigate/configmaps", undefined],
    ["get", "/api/v1/namespaces/frigate/configmaps/another", undefined],
    ["get", "/api/v1/namespaces/kube-system/pods", undefined],
    ["get", "/api/v1/nodes", undefined],
    ["delete", "/apis/apps/v1/namespaces/frigate/deployments/frigate", undefined],
    ["post", "/apis/coordination.k8s.io/v1/namespaces/frigate/leases", { metadata: { name: "another" } }],
  ] as const)("lets it do nothing else: %s %s", async (verb, path, body) => {
    const token = await cluster.tokenOf(NAMESPACE, "camera-shepherd");
    expect((await cluster.call(verb.toUpperCase(), path, body, { token })).status).toBe(403);
  });
});

let leases = 0;
documentLeaseContract("a Lease object", async () => {
  leases += 1;
  const name = `lease-${String(leases)}`;
  await cluster.do("POST", PATHS["Lease"] ?? "", { metadata: { name } });
  return (id, clock) => leaseAs(admin, clock, id, name);
});

describe("a lease in a Lease object", () => {
  test("of many that want it at the same moment exactly one gets it", async () => {
    await cluster.do("POST", PATHS["Lease"] ?? "", { metadata: { name: "wanted" } });
    const clock = createSystemClock();
    for (let round = 0; round < 5; round += 1) {
      const all = Array.from({ length: 8 }, (_, index) => leaseAs(admin, clock, `copy ${String(index)}`, "wanted"));
      const outcomes = await Promise.all(all.map((lease) => lease.take(never())));
      expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(["ours", ...Array.from({ length: 7 }, () => "theirs")]);
      for (const lease of all) await lease.release();
    }
  });

  test("of a pod that was killed is taken at once, and only of one that has ended for certain", async () => {
    const path = `${PATHS["Lease"] ?? ""}/camera-shepherd`;
    const pods = `/api/v1/namespaces/${NAMESPACE}/pods`;
    const containers = [{ name: "camera-shepherd", image: "camera-shepherd" }];
    await cluster.do("POST", pods, {
      metadata: { name: "look-29", labels: { app: "look" } },
      spec: { containers, restartPolicy: "Never" },
    });
    const clock = createSystemClock();
    await leaseAs(own, clock, "first").take(never());
    const held = async (holderIdentity: string): Promise<void> => {
      await cluster.do("PATCH", path, { spec: { holderIdentity } }, "application/merge-patch+json");
    };
    await held("look-29_1_first");
    const says = async (status: object): Promise<void> => {
      await cluster.do("PATCH", `${pods}/look-29/status`, { status }, "application/strategic-merge-patch+json");
    };
    const of = (state: object): object => ({ ...containers[0], imageID: "1", ready: false, restartCount: 0, state });
    const isOver = { terminated: { exitCode: 137, reason: "OOMKilled" } };
    const refused = async (): Promise<void> =>
      expect(await leaseAs(own, clock, "next").take(never())).toMatchObject({ kind: "theirs", holder: { host: "look-29" } });
    await refused();
    await says({ phase: "Running", containerStatuses: [of({ running: {} })] });
    await refused();
    // Its machine is lost, and may go on with it.
    await says({ phase: "Failed", containerStatuses: [of({ running: {} })] });
    await refused();
    // It is started anew in its pod.
    await says({ phase: "Running", containerStatuses: [of(isOver)] });
    await refused();
    await says({ phase: "Failed", containerStatuses: [of(isOver)] });
    expect(await leaseAs(own, clock, "next").take(never())).toEqual({ kind: "ours" });
    await held("look-30_1_first");
    expect(await leaseAs(own, clock, "next").take(never())).toMatchObject({ kind: "theirs" });
    await held("");
    await cluster.do("DELETE", `${pods}/look-29?gracePeriodSeconds=0`);
  });

  test("says who has it as Kubernetes has it, and that there is none where none was made", async () => {
    await cluster.do("POST", PATHS["Lease"] ?? "", { metadata: { name: "shown" } });
    await leaseAs(admin, createSystemClock(), "one", "shown").take(never());
    const spec = at(await cluster.do("GET", `${PATHS["Lease"] ?? ""}/shown`), "spec");
    expect(spec).toMatchObject({ leaseDurationSeconds: 300, holderIdentity: expect.stringMatching(/^[^_]+_\d+_one$/) as string });
    const missing = await leaseAs(admin, createSystemClock(), "one", "nowhere").take(never());
    expect(missing).toMatchObject({ kind: "none", why: expect.stringContaining("deploy/kubernetes/rbac.yaml") as string });
  });
});
