import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from "vitest";
import { builtImage, inContainer } from "../home-assistant/container.ts";
import { expectFrames, moved } from "../scenarios/scene.ts";
import { far } from "../world/routed.ts";
import { type ClusterHome, startClusterHome, TOKEN } from "./cluster-home.ts";
import { read } from "./manifests.ts";
import { containerOf, podOf, type PodTemplate, type Probe, templateOf } from "./pod-template.ts";

const image = builtImage();
let here: ClusterHome;

beforeAll(async () => {
  here = await startClusterHome();
});
afterAll(() => here[Symbol.asyncDispose]());

/** Starts the pod's container as the kubelet does; `HOME` is the user's as the image names it (opencontainers/runc libcontainer/init_linux.go). */
async function startPodOf(template: PodTemplate, round: string) {
  const { command, options } = await podOf(template, round, here.surroundings);
  const how = { ...options, env: { ...options.env, HOME: options.user?.id === 0 ? "/root" : "/data" } };
  return { how, running: inContainer(image, [...image.config.Entrypoint, ...command], how) };
}

function said({ stdout, stderr }: { readonly stdout?: unknown; readonly stderr?: unknown }): string {
  return `${String(stdout)}\n${String(stderr)}`;
}

describe("the CronJob's pod", () => {
  const template = templateOf(read("kubernetes/cronjob.yaml")[0]);
  const everything: string[] = [];
  const look = async (round: string) => {
    const { how, running } = await startPodOf(template, round);
    const ended = await running;
    everything.push(said(ended));
    return { how, ended, words: said(ended) };
  };

  test("learns, heals the ConfigMap with one restart at its next run, does nothing at the third, with the shipped rights and nothing more", async () => {
    const { document, started, version, camera, home } = here;
    const text = await document();
    const first = await look("first");
    expect(first.ended, first.words).toMatchObject({ exitCode: 0 });
    expect(await document()).toBe(text);
    expect(started()).toBe(1);

    await camera.moveSilently(far(9));
    const before = await version();
    const second = await look("second");
    expect(second.ended, second.words).toMatchObject({ exitCode: 0 });
    expect(await document()).toBe(moved(text, [[far(2), far(9)]]));
    await expectFrames(home.go2rtc, "front", far(9));
    expect(started()).toBe(2);
    const after = await version();
    expect(after).not.toBe(before);

    const third = await look("third");
    expect(third.ended, third.words).toMatchObject({ exitCode: 0 });
    expect(third.words).toContain("unchanged  front  is at");
    expect([started(), await version()]).toEqual([2, after]);
    expect(everything.join("\n")).not.toContain("canary");
    expect(everything.join("\n")).not.toContain(here.surroundings.account["token"]);
  });

  test("has no capability, no way to gain one, and a root that it cannot write to", async () => {
    const { options } = await podOf(template, "probe", here.surroundings);
    const script = "grep -E '^(Uid|Gid|Cap|NoNewPrivs)' /proc/self/status; touch /x /etc/camera-shepherd/x; true";
    const { stdout, stderr } = await inContainer(image, ["sh", "-c", script], options);
    const lines = String(stdout)
      .split("\n")
      .map((line) => line.split(/\s+/).slice(0, 2).join(" "));
    const none = ["Inh", "Prm", "Eff", "Bnd", "Amb"].map((set) => `Cap${set}: 0000000000000000`);
    expect(lines).toEqual(["Uid: 10001", "Gid: 10001", ...none, "NoNewPrivs: 1"]);
    expect(String(stderr).match(/Read-only file system/g)).toHaveLength(2);
  });

  test("may commit by ssh: its user is one that the image knows", async () => {
    const { options } = await podOf(template, "ssh", here.surroundings);
    const { stderr } = await inContainer(image, ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-p", "9", "127.0.0.1"], options);
    expect(String(stderr)).toContain("Connection refused");
  });
});

/** What the kubelet asks: until it is answered with 2xx, no longer than the probe allows. */
async function answers(template: PodTemplate, address: string, probe: Probe | undefined): Promise<number> {
  const port = containerOf(template).ports?.find(({ name }) => name === probe?.httpGet.port)?.containerPort;
  if (probe === undefined || port === undefined) throw new Error("there is no such probe");
  const end = Date.now() + 1000 * probe.periodSeconds * (probe.failureThreshold ?? 3);
  for (;;) {
    const answer = await fetch(`http://${address}:${String(port)}${probe.httpGet.path}`).catch(() => undefined);
    if (answer?.ok === true || Date.now() > end) return answer?.status ?? 0;
    await pause(200);
  }
}

describe.each([
  { name: "Deployment", file: "kubernetes/deployment.yaml", address: "10.42.0.2", layers: [] },
  { name: "DaemonSet", file: "kubernetes-daemonset/daemonset.yaml", address: "127.0.0.1", layers: ["dhcp", "neighbours", "ws_discovery"] },
])("the $name's pod", ({ name, file, address, layers }) => {
  test("answers every probe, is ready, serves who has the token, notices by its own ways, and ends in time", async () => {
    const template = templateOf(read(file)[0]);
    const { startupProbe, readinessProbe, livenessProbe } = containerOf(template);
    const { running } = await startPodOf(template, name);
    const ended = running.then((result) => result);
    onTestFailed(async () => {
      running.kill("SIGKILL");
      process.stdout.write(`the pod said:\n${said(await ended)}\n`);
    });
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) expect(await answers(template, address, probe)).toBe(200);
    const status = (headers: Record<string, string>) => fetch(`http://${address}:8099/api/status`, { headers });
    expect((await status({})).status).toBe(401);
    expect((await status({ authorization: `Bearer ${TOKEN}` })).status).toBe(200);
    const active = async (): Promise<readonly string[]> => {
      const metrics = await (await fetch(`http://${address}:9090/metrics`)).text();
      return [...metrics.matchAll(/^camera_shepherd_layer_active\{layer="([\w-]+)"\} 1$/gm)].map(([, layer = ""]) => layer).toSorted();
    };
    await expect.poll(active, { timeout: 20_000 }).toEqual(layers);
    const asked = performance.now();
    running.kill("SIGTERM");
    expect((await ended).exitCode, said(await ended)).toBe(0);
    expect(performance.now() - asked).toBeLessThan(1000 * (template.spec.terminationGracePeriodSeconds ?? 30));
    expect(said(await ended)).not.toContain("canary");
  });
});
