import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { ClusterApi } from "../../src/adapters/kubernetes/cluster-api.ts";
import { ConfigMapTarget } from "../../src/adapters/kubernetes/config-map-target.ts";
import { RolledFrigate } from "../../src/adapters/kubernetes/rolled-frigate.ts";
import { Workload } from "../../src/adapters/kubernetes/workload.ts";
import { after, type Duration, instant, milliseconds, minutes, seconds } from "../../src/domain/duration.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { ConfigTarget, TargetName } from "../../src/ports/config-target.ts";
import type { RunningFrigate } from "../../src/ports/running-frigate.ts";
import { DEFAULT_LIMITS, ONE_SYNC } from "../../src/reconcilers/engine-limits.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import type { FakeRegistry } from "../fakes/fake-registry.ts";
import { FakeHome, FRIGATE } from "../reconcilers/fake-home.ts";
import { directCameras, directText } from "../reconcilers/restart-home.ts";
import { at, type Cluster, itemsOf, until } from "./cluster.ts";
import { FakeKubelet } from "./fake-kubelet.ts";
import { apiWith, KEY, makeNamespace, makeWorkload, podsOf, type WorkloadKind, workloadPath } from "./frigate-namespace.ts";
import { oneCluster } from "./one-cluster.ts";

export const CAMERAS = directCameras(5);

let cluster: Cluster;
let kubeconfig = "";
let count = 0;
const stopped: (() => Promise<void>)[] = [];

/** The cluster, with a machine that takes pods. To be called before all tests of a suite. */
export async function clusterWithMachine(): Promise<Cluster> {
  cluster = await oneCluster();
  if (kubeconfig !== "") return cluster;
  kubeconfig = await cluster.kubeconfig();
  await cluster.do("POST", "/api/v1/nodes", { metadata: { name: "machine" } });
  // A new machine takes nothing before it is ready, which nobody says here.
  await cluster.do("PATCH", "/api/v1/nodes/machine", { spec: { taints: null } }, "application/merge-patch+json");
  return cluster;
}

/** To be called after each test. */
export async function stopHomes(): Promise<void> {
  for (const stop of stopped.splice(0).toReversed()) await stop();
}

/** A namespace in which Frigate is up. */
export async function frigateUp(how: { readonly kind?: WorkloadKind; readonly annotations?: object } = {}) {
  count += 1;
  const namespace = `frigate-${String(count)}`;
  await makeNamespace(cluster, namespace, directText(CAMERAS));
  const kubelet = new FakeKubelet(cluster, namespace);
  stopped.push(() => kubelet.stop());
  await makeWorkload(cluster, namespace, how);
  await until("Frigate", async () => (await podsOf(cluster, namespace)).length === 1);
  return { namespace, kubelet };
}

export interface RolledHow {
  readonly kind?: WorkloadKind;
  readonly limit?: Duration;
  readonly http?: RunningFrigate;
  /** Waited for before each change of the ConfigMap that the program asks the API server for: after it has read. */
  readonly beforePatch?: () => Promise<void>;
  /** A repository whose text something brings into the ConfigMap, which nobody else writes then. */
  readonly repository?: ConfigTarget;
  /** How much later it is for whoever judges whether Frigate should answer by now. */
  readonly later?: () => Duration;
}

/** Frigate's workload and its ConfigMap, as the program has them. */
export function rolledIn(namespace: string, clock: Clock, how: RolledHow = {}) {
  const { kind = "Deployment", limit = minutes(5), http, beforePatch, later } = how;
  const lower = { Deployment: "deployment", StatefulSet: "statefulset", DaemonSet: "daemonset" } as const;
  const shared = { api: apiWith(kubeconfig), clock, namespace, configMap: "frigate", key: KEY };
  const workload = new Workload({ ...shared, kind: lower[kind], name: "frigate", limit });
  const name = "frigate" as TargetName;
  const target = new ConfigMapTarget({
    ...shared,
    api: beforePatch === undefined ? shared.api : disturbed(beforePatch),
    name,
    format: FRIGATE,
    override: false,
    random: () => 0.5,
    pace: { reread: seconds(1), gather: seconds(1) },
  });
  const judging = later === undefined ? clock : { ...clock, now: () => after(clock.now(), later()) };
  const shown = http === undefined ? {} : { http };
  return { target, workload, frigate: new RolledFrigate({ name, workload, clock: judging, random: () => 0.5, ...shown }) };
}

function disturbed(beforePatch: () => Promise<void>): ClusterApi {
  const api = apiWith(kubeconfig);
  const call = api.call.bind(api);
  api.call = async (object, request, signal) => {
    if (request.verb === "patch" && request.dryRun !== true) await beforePatch();
    return call(object, request, signal);
  };
  return api;
}

/** The program on a cluster's Frigate, with cameras that are made up; its clock goes four times as fast as the real one. */
export async function homeOn(namespace: string, how: RolledHow = {}): Promise<FakeHome> {
  const clock = new FakeClock(instant(Date.now()));
  const home = madeOn(namespace, clock, how);
  await home.start(seconds(0));
  const stop = running(clock, 4);
  stopped.push(async () => {
    await stop();
    await home.stop();
  });
  await until("learning", async () => home.registry.devices().length === CAMERAS.length);
  return home;
}

/**
 * One look of the program at a cluster's Frigate, as a CronJob starts it; its clock goes thirty times as fast as the real one.
 * @param registry what earlier looks learned
 */
export async function lookOn(
  namespace: string,
  clock: FakeClock,
  registry: FakeRegistry,
  move: (home: FakeHome) => void,
  how: RolledHow = {},
) {
  const home = madeOn(namespace, clock, how, registry);
  move(home);
  const stop = running(clock, 30);
  try {
    return { home, finished: await home.engine.once(ONE_SYNC, new AbortController().signal) };
  } finally {
    await stop();
  }
}

function madeOn(namespace: string, clock: FakeClock, how: RolledHow, registry?: FakeRegistry): FakeHome {
  const { target, frigate } = rolledIn(namespace, clock, how);
  const limits = { ...DEFAULT_LIMITS, restarts: { ...DEFAULT_LIMITS.restarts, quiet: seconds(2), wait: seconds(5) } };
  const known = registry === undefined ? {} : { registry };
  const { repository } = how;
  const piped = [{ name: target.name, pipelines: [], frigate, delivered: target, isRestarted: true }] as const;
  const ports = repository === undefined ? { targets: [target], frigates: [frigate] } : { targets: [repository], frigates: [], piped };
  return new FakeHome({ cameras: CAMERAS, clock, servers: [], ...known, ports: { ...ports, limits } });
}

/** Lets the clock go so many times as fast as the real one until the returned function is called. */
function running(clock: FakeClock, speed: number): () => Promise<void> {
  let isGoing = true;
  const going = (async () => {
    for (let last = Date.now(); isGoing; await pause(20)) {
      const now = Date.now();
      await clock.advance(milliseconds((now - last) * speed));
      last = now;
    }
  })();
  return async () => {
    isGoing = false;
    await going;
  };
}

/** How many pod templates there were: one to begin with, and one for each restart. */
export async function templates(namespace: string): Promise<number> {
  const sets = itemsOf(await cluster.do("GET", `/apis/apps/v1/namespaces/${namespace}/replicasets`));
  const template = await cluster.do("GET", workloadPath(namespace));
  // A restart makes a new template each time; both counts must say the same.
  expect(at(template, "metadata", "generation")).toBe(sets.length);
  return sets.length;
}
