import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { ConfigMapTarget } from "../../../src/adapters/kubernetes/config-map-target.ts";
import { RolledFrigate } from "../../../src/adapters/kubernetes/rolled-frigate.ts";
import { Workload } from "../../../src/adapters/kubernetes/workload.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { type Duration, instant, milliseconds, minutes, seconds } from "../../../src/domain/duration.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { TargetName } from "../../../src/ports/config-target.ts";
import type { RunningFrigate } from "../../../src/ports/running-frigate.ts";
import { DEFAULT_LIMITS } from "../../../src/reconcilers/engine-limits.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeRunningFrigate } from "../../fakes/fake-running-frigate.ts";
import { at as host, FakeHome, FRIGATE, movedText } from "../../reconcilers/fake-home.ts";
import { directCameras, directText } from "../../reconcilers/restart-home.ts";
import { at, type Cluster, itemsOf, textAt, until } from "../../kubernetes/cluster.ts";
import { oneCluster } from "../../kubernetes/one-cluster.ts";
import { FakeKubelet } from "../../kubernetes/fake-kubelet.ts";
import {
  apiWith,
  KEY,
  makeNamespace,
  makeWorkload,
  podsOf,
  textOf,
  type WorkloadKind,
  workloadPath,
} from "../../kubernetes/frigate-namespace.ts";

const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";
const RESTART = "target/frigate/restart";
const never = () => new AbortController().signal;
const CAMERAS = directCameras(5);
const [ONE] = CAMERAS as [(typeof CAMERAS)[number]];

let cluster: Cluster;
let kubeconfig = "";
let count = 0;
const stopped: (() => Promise<void>)[] = [];

beforeAll(async () => {
  cluster = await oneCluster();
  kubeconfig = await cluster.kubeconfig();
  await cluster.do("POST", "/api/v1/nodes", { metadata: { name: "machine" } });
  // A new machine takes nothing before it is ready, which nobody says here.
  await cluster.do("PATCH", "/api/v1/nodes/machine", { spec: { taints: null } }, "application/merge-patch+json");
});
afterEach(async () => {
  for (const stop of stopped.splice(0).toReversed()) await stop();
});

/** A namespace in which Frigate is up. */
async function frigateUp(how: { readonly kind?: WorkloadKind; readonly annotations?: object } = {}) {
  count += 1;
  const namespace = `frigate-${String(count)}`;
  await makeNamespace(cluster, namespace, directText(CAMERAS));
  const kubelet = new FakeKubelet(cluster, namespace);
  stopped.push(() => kubelet.stop());
  await makeWorkload(cluster, namespace, how);
  await until("Frigate", async () => (await podsOf(cluster, namespace)).length === 1);
  return { namespace, kubelet };
}

function rolledIn(
  namespace: string,
  clock: Clock,
  how: { readonly kind?: WorkloadKind; readonly limit?: Duration; readonly http?: RunningFrigate } = {},
) {
  const { kind = "Deployment", limit = minutes(5), http } = how;
  const lower = { Deployment: "deployment", StatefulSet: "statefulset", DaemonSet: "daemonset" } as const;
  const shared = { api: apiWith(kubeconfig), clock, namespace, configMap: "frigate", key: KEY };
  const workload = new Workload({ ...shared, kind: lower[kind], name: "frigate", limit });
  const name = "frigate" as TargetName;
  const target = new ConfigMapTarget({
    ...shared,
    name,
    format: FRIGATE,
    override: false,
    random: () => 0.5,
    pace: { reread: seconds(1), gather: seconds(1) },
  });
  return {
    target,
    workload,
    frigate: new RolledFrigate({ name, workload, clock, random: () => 0.5, ...(http === undefined ? {} : { http }) }),
  };
}

/** The program on a cluster's Frigate, with cameras that are made up; its clock goes four times as fast as the real one. */
async function homeOn(namespace: string, limit: Duration = minutes(5)): Promise<FakeHome> {
  const clock = new FakeClock(instant(Date.now()));
  const { target, frigate } = rolledIn(namespace, clock, { limit });
  const limits = { ...DEFAULT_LIMITS, restarts: { ...DEFAULT_LIMITS.restarts, quiet: seconds(2), wait: seconds(5) } };
  const home = new FakeHome({ cameras: CAMERAS, clock, servers: [], ports: { targets: [target], frigates: [frigate], limits } });
  await home.start(seconds(0));
  let isGoing = true;
  const going = (async () => {
    for (let last = Date.now(); isGoing; await pause(20)) {
      const now = Date.now();
      await clock.advance(milliseconds((now - last) * 4));
      last = now;
    }
  })();
  stopped.push(async () => {
    isGoing = false;
    await going;
    await home.stop();
  });
  await until("learning", async () => home.registry.devices().length === CAMERAS.length);
  return home;
}

/** How many pod templates there were: one to begin with, and one for each restart. */
async function templates(namespace: string): Promise<number> {
  const sets = itemsOf(await cluster.do("GET", `/apis/apps/v1/namespaces/${namespace}/replicasets`));
  const template = await cluster.do("GET", workloadPath(namespace));
  // A restart makes a new template each time; both counts must say the same.
  expect(at(template, "metadata", "generation")).toBe(sets.length);
  return sets.length;
}

describe("Frigate in a cluster", () => {
  test("five cameras that moved: one change of the ConfigMap, one restart, and all is in use", async () => {
    const { namespace } = await frigateUp();
    const home = await homeOn(namespace);
    const seen = new Set<string>();
    const path = `/api/v1/namespaces/${namespace}/configmaps/frigate`;
    for (const [index, camera] of CAMERAS.entries()) home.moveByDhcp(camera, camera.address, host(100 + index));
    await until("the restart", async () => {
      seen.add(textAt(await cluster.do("GET", path), "data", KEY));
      return home.status.get(RESTART)?.status === "ok";
    });
    const moved = CAMERAS.map((camera, index) => ({ ...camera, address: host(100 + index) }));
    expect(await textOf(cluster, namespace)).toBe(directText(moved));
    expect([...seen]).toEqual([directText(CAMERAS), directText(moved)]);
    expect(await templates(namespace)).toBe(2);
    expect(home.registry.restarts({ name: "frigate" })).toMatchObject([{ kind: "change", state: "up" }]);
  });

  test.each([
    ["crashes", minutes(5), "container frigate is in CrashLoopBackOff (exit code 1)"],
    ["waits", seconds(12), "no ready pod within 12.0 s"],
  ] as const)("a rollout whose pod %s: text and Frigate are back with one more restart, and it is said why", async (fate, limit, why) => {
    const { namespace, kubelet } = await frigateUp();
    const home = await homeOn(namespace, limit);
    const before = await textOf(cluster, namespace);
    const after = movedText(before, ONE.address, host(99));
    kubelet.fate = async () => ((await textOf(cluster, namespace)) === after ? fate : "ready");
    home.moveByDhcp(ONE, ONE.address, host(99));
    await until("restoring", async () => home.reason(RESTART) === "RestartRolledBack");
    expect(home.status.get(RESTART)?.message).toContain(why);
    expect(await textOf(cluster, namespace)).toBe(before);
    expect(await templates(namespace)).toBe(3);
    expect(home.registry.restarts({ name: "frigate" })).toMatchObject([
      { kind: "restoring", state: "up" },
      { kind: "change", state: "safe-mode" },
    ]);
    await pause(1000);
    expect(await templates(namespace)).toBe(3);
    expect(await textOf(cluster, namespace)).toBe(before);
  });

  test("that never comes up again is restarted once for the change and once for the text before, and no more", async () => {
    const { namespace, kubelet } = await frigateUp();
    const home = await homeOn(namespace);
    const before = await textOf(cluster, namespace);
    kubelet.fate = () => "crashes";
    home.moveByDhcp(ONE, ONE.address, host(99));
    await until(
      "giving up",
      async () => home.registry.restarts({ name: "frigate" })[0]?.kind === "restoring" && home.reason(RESTART) === "FrigateNotUp",
    );
    await pause(1000);
    expect(await textOf(cluster, namespace)).toBe(before);
    expect(await templates(namespace)).toBe(3);
    expect(home.status.get(RESTART)).toMatchObject({ status: "problem", reason: "FrigateNotUp" });
  });

  test.each([
    ["comes up", "ready", 2],
    ["does not come up: the text before is back, which Reloader restarts it for", "crashes", 3],
  ] as const)("that Reloader restarts is restarted by nobody else, and %s", async (_what, fate, made) => {
    const { namespace, kubelet } = await frigateUp({ annotations: { "reloader.stakater.com/auto": "true" } });
    const home = await homeOn(namespace);
    const before = await textOf(cluster, namespace);
    const after = movedText(before, ONE.address, host(99));
    kubelet.fate = async () => ((await textOf(cluster, namespace)) === after ? fate : "ready");
    home.moveByDhcp(ONE, ONE.address, host(99));
    for (const text of fate === "ready" ? [after] : [after, before]) {
      await until("the change", async () => (await textOf(cluster, namespace)) === text);
      // It takes a moment, and puts the content's digest into the pod template.
      await pause(300);
      const env = [{ name: "STAKATER_FRIGATE_CONFIGMAP", value: createHash("sha256").update(text).digest("hex") }];
      const template = { spec: { containers: [{ name: "frigate", env }] } };
      await cluster.do("PATCH", workloadPath(namespace), { spec: { template } }, "application/strategic-merge-patch+json");
    }
    const kinds = fate === "ready" ? ["change"] : ["restoring", "change"];
    await until("the end", async () => {
      const records = home.registry.restarts({ name: "frigate" });
      return records.map(({ kind }) => kind).join() === kinds.join() && records[0]?.state === "up";
    });
    await pause(1000);
    expect(home.reason(RESTART)).toBe(fate === "ready" ? "Healthy" : "RestartRolledBack");
    expect(await templates(namespace)).toBe(made);
    expect(textAt(await cluster.do("GET", workloadPath(namespace)), "spec", "template", "metadata", "annotations", RESTARTED_AT)).toBe("");
  });

  test.each(["StatefulSet", "DaemonSet"] as const)("as a %s is restarted, and is up when its new pod is", async (kind) => {
    const { namespace } = await frigateUp({ kind });
    const { frigate } = rolledIn(namespace, createSystemClock(), { kind });
    const isUp = async () => (await frigate.state(never()).catch(() => undefined))?.safeMode === false;
    await until("Frigate", isUp);
    const [pod] = itemsOf(await cluster.do("GET", `/api/v1/namespaces/${namespace}/pods`));
    await frigate.restart(never());
    expect(await isUp()).toBe(false);
    await until("the new pod", isUp);
    const pods = itemsOf(await cluster.do("GET", `/api/v1/namespaces/${namespace}/pods`));
    expect(pods.map((one) => at(one, "metadata", "uid"))).not.toContain(at(pod, "metadata", "uid"));
    expect(pods).toHaveLength(1);
  });

  test("is restarted once although the API server is away when it is asked", async () => {
    const { namespace } = await frigateUp();
    const { frigate } = rolledIn(namespace, createSystemClock());
    await cluster.stopServer();
    const restarted = frigate.restart(never());
    await cluster.startServer();
    await restarted;
    await until("the new pod", async () => (await frigate.state(never()).catch(() => undefined))?.safeMode === false);
    expect(await templates(namespace)).toBe(2);
  });

  test("whose ConfigMap does not reach it is not restarted again and again, and that is said", async () => {
    const { namespace } = await frigateUp();
    const http = new FakeRunningFrigate({ text: () => directText(CAMERAS), clock: new FakeClock() });
    const { frigate, target } = rolledIn(namespace, createSystemClock(), { http });
    const { text, revision } = await target.read(never());
    await target.write(movedText(text, ONE.address, host(99)), revision, never());
    // The API server's times have whole seconds.
    await pause(1100);
    await frigate.restart(never());
    await until("the new pod", async () => (await frigate.state(never()).catch(() => undefined))?.safeMode === false);
    expect((await frigate.state(never())).cameras.get(ONE.name)?.inputs).toEqual([ONE.address]);
    await expect(frigate.restart(never())).rejects.toMatchObject({
      reason: "FrigateRefused",
      message: expect.stringContaining("does not reach it") as string,
    });
    expect(await templates(namespace)).toBe(2);
  });

  test("that is not there is named", async () => {
    const { namespace } = await frigateUp();
    await cluster.do("DELETE", workloadPath(namespace));
    const { frigate, workload } = rolledIn(namespace, createSystemClock());
    const missing = { name: "TargetError", reason: "WorkloadMissing", message: expect.stringContaining("deployment/frigate") as string };
    await expect(frigate.state(never())).rejects.toMatchObject(missing);
    await expect(workload.checkRestart(never())).rejects.toMatchObject(missing);
  });
});
