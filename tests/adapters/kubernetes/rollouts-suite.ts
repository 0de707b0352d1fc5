import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { instant, minutes, seconds } from "../../../src/domain/duration.ts";
import { FrigateError } from "../../../src/ports/running-frigate.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { FakeConfigTarget } from "../../fakes/fake-config-target.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { FakeRunningFrigate } from "../../fakes/fake-running-frigate.ts";
import { at, type Cluster, itemsOf, textAt, until } from "../../kubernetes/cluster.ts";
import { CAMERAS, clusterWithMachine, frigateUp, homeOn, lookOn, rolledIn, stopHomes, templates } from "../../kubernetes/frigate-home.ts";
import { KEY, textOf, workloadPath } from "../../kubernetes/frigate-namespace.ts";
import { at as host, FRIGATE, movedText } from "../../reconcilers/fake-home.ts";
import { directText } from "../../reconcilers/restart-home.ts";

const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";
const RESTART = "target/frigate/restart";
const never = () => new AbortController().signal;
const [ONE] = CAMERAS as [(typeof CAMERAS)[number], ...typeof CAMERAS];
let cluster: Cluster;

beforeAll(async () => {
  cluster = await clusterWithMachine();
});
afterEach(stopHomes);

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
    const home = await homeOn(namespace, { limit });
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
    await pause(500);
    expect(await templates(namespace)).toBe(3);
    expect(await textOf(cluster, namespace)).toBe(before);
  });

  test("somebody saves the ConfigMap between the program's reading and its writing: their text survives, ours comes into it", async () => {
    const { namespace } = await frigateUp();
    const path = `/api/v1/namespaces/${namespace}/configmaps/frigate`;
    const before = await textOf(cluster, namespace);
    const theirs = [
      before.replace("cameras:", "# first thought\ncameras:"),
      `${before.replace("cameras:", "# second thought\ncameras:")}# theirs\n`,
    ];
    const refused: string[] = [];
    const saved = [...theirs];
    const beforePatch = async (): Promise<void> => {
      const next = saved.shift();
      if (next === undefined) return;
      await cluster.do("PATCH", path, { data: { [KEY]: next } }, "application/merge-patch+json");
      refused.push(next);
    };
    const home = await homeOn(namespace, { beforePatch });
    home.moveByDhcp(ONE, ONE.address, host(99));
    await until("the restart", async () => home.status.get(RESTART)?.status === "ok");
    expect(refused).toEqual(theirs);
    expect(await textOf(cluster, namespace)).toBe(movedText(theirs[1] ?? "", ONE.address, host(99)));
    expect(home.status.changes.map(({ reason }) => reason)).toContain("EditedMeanwhile");
    expect(home.status.get("target/frigate")).toMatchObject({ status: "ok" });
    expect(await templates(namespace)).toBe(2);
  });

  test("whose pod is ready and which answers nobody: after a minute and a half text and Frigate are back, once, and it is said why", async () => {
    const { namespace } = await frigateUp();
    const before = await textOf(cluster, namespace);
    const after = movedText(before, ONE.address, host(99));
    let text = before;
    const http = new FakeRunningFrigate({ text: () => text, clock: new FakeClock() });
    const state = http.state.bind(http);
    let asked = 0;
    http.state = async (signal) => {
      const now = await textOf(cluster, namespace);
      // Until it is restarted it goes on with what it read.
      if (now === after && (await templates(namespace)) > 1) {
        asked += 1;
        throw new FrigateError("FrigateUnreachable", "Frigate cannot be reached (ECONNREFUSED)");
      }
      if (now === before) text = now;
      return state(signal);
    };
    const later = (): ReturnType<typeof seconds> => seconds(asked > 2 ? 90 : 0);
    const home = await homeOn(namespace, { http, later });
    home.moveByDhcp(ONE, ONE.address, host(99));
    await until("restoring", async () => home.reason(RESTART) === "RestartRolledBack");
    expect(home.status.get(RESTART)?.message).toContain("is ready and does not answer: Frigate cannot be reached");
    expect(asked).toBeGreaterThan(2);
    expect(await textOf(cluster, namespace)).toBe(before);
    expect(await templates(namespace)).toBe(3);
    expect(home.registry.restarts({ name: "frigate" })).toMatchObject([
      { kind: "restoring", state: "up" },
      { kind: "change", state: "safe-mode" },
    ]);
    await pause(500);
    expect(await textOf(cluster, namespace)).toBe(before);
    expect(await templates(namespace)).toBe(3);
  });

  test("whose new pod takes two minutes: a look by schedule sees it to its end, and nothing is wrong", async () => {
    const { namespace, kubelet } = await frigateUp();
    const clock = new FakeClock(instant(Date.now()));
    const registry = new FakeRegistry();
    await lookOn(namespace, clock, registry, () => undefined);
    kubelet.fate = async (): Promise<"ready"> => {
      await pause(minutes(2) / 30);
      return "ready";
    };
    const begun = clock.monotonic();
    const { home, finished } = await lookOn(namespace, clock, registry, (one) => one.moveSilently(ONE, ONE.address, host(99)));
    expect([finished, home.status.all().filter(({ status }) => status === "problem")]).toEqual([true, []]);
    expect(clock.monotonic() - begun).toBeGreaterThan(minutes(2));
    expect(await templates(namespace)).toBe(2);
    expect(registry.restarts({ name: "frigate" })).toMatchObject([{ kind: "change", state: "up" }]);
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
    await pause(500);
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
      const reason = fate === "ready" ? "Healthy" : "RestartRolledBack";
      return records.map(({ kind }) => kind).join() === kinds.join() && home.reason(RESTART) === reason;
    });
    await pause(500);
    expect(home.registry.restarts({ name: "frigate" })).toHaveLength(kinds.length);
    expect(await templates(namespace)).toBe(made);
    expect(textAt(await cluster.do("GET", workloadPath(namespace)), "spec", "template", "metadata", "annotations", RESTARTED_AT)).toBe("");
  });

  test.each([
    ["that nobody restarts for it is restarted once", false, 2],
    ["that its pipeline restarts, as by a checksum annotation, is restarted by nobody else", true, 2],
  ] as const)("whose ConfigMap Flux keeps as the repository has it, and %s", async (_what, isPipelines, made) => {
    const { namespace } = await frigateUp();
    const before = await textOf(cluster, namespace);
    const after = movedText(before, ONE.address, host(99));
    const repository = new FakeConfigTarget({ name: "frigate", format: FRIGATE, text: before });
    // It goes on with what it read until it is restarted.
    const clock = new FakeClock();
    let text = before;
    const http = new FakeRunningFrigate({ text: () => text, clock });
    const state = http.state.bind(http);
    http.state = async (signal) => {
      const now = await textOf(cluster, namespace);
      if (now !== text && (await templates(namespace)) > 1) {
        text = now;
        http.start();
      }
      return state(signal);
    };
    const home = await homeOn(namespace, { http, repository });
    home.moveByDhcp(ONE, ONE.address, host(99));
    await until("the commit", () => Promise.resolve(repository.text === after));
    await pause(1000);
    expect(await templates(namespace)).toBe(1);
    const path = `/api/v1/namespaces/${namespace}/configmaps/frigate`;
    await cluster.do("PATCH", path, { data: { [KEY]: after } }, "application/merge-patch+json");
    const template = { metadata: { annotations: { "checksum/configmap": "another" } } };
    if (isPipelines) await cluster.do("PATCH", workloadPath(namespace), { spec: { template } }, "application/strategic-merge-patch+json");
    await until("the restart", async () => home.reason("target/frigate/pipeline") === "Healthy");
    await pause(500);
    expect(await templates(namespace)).toBe(made);
    expect(home.registry.restarts({ name: "frigate" })).toHaveLength(isPipelines ? 0 : 1);
    const annotations = at(await cluster.do("GET", workloadPath(namespace)), "spec", "template", "metadata", "annotations");
    expect(Object.hasOwn(Object(annotations) as object, RESTARTED_AT)).toBe(!isPipelines);
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

  test("is written and restarted once each although the API server is away when it is asked", async () => {
    const { namespace } = await frigateUp();
    const { frigate, target } = rolledIn(namespace, createSystemClock());
    const { text, revision } = await target.read(never());
    const after = movedText(text, ONE.address, host(99));
    await cluster.stopServer();
    const away = { name: "TargetError", reason: "ClusterUnreachable", message: expect.stringContaining("(ECONNREFUSED)") as string };
    await expect(target.read(never())).rejects.toMatchObject(away);
    await expect(target.write(after, revision, never())).rejects.toMatchObject(away);
    const restarted = frigate.restart(never());
    await cluster.startServer();
    await restarted;
    expect(await target.write(after, revision, never())).toMatchObject({ kind: "written" });
    expect(await textOf(cluster, namespace)).toBe(after);
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
