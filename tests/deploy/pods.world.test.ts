import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from "vitest";
import { section, shellLines, words } from "../documents.ts";
import { builtImage, inContainer } from "../home-assistant/container.ts";
import { at, itemsOf } from "../kubernetes/cluster.ts";
import { expectFrames, moved } from "../scenarios/scene.ts";
import { far } from "../world/routed.ts";
import { type ClusterHome, startClusterHome } from "./cluster-home.ts";
import { read } from "./manifests.ts";
import { containerOf, podOf, type PodSurroundings, type PodTemplate, type Probe, templateOf } from "./pod-template.ts";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "kubernetes.md");
const CRON_JOB = "/apis/batch/v1/namespaces/frigate/cronjobs/camera-shepherd";
const image = builtImage();
let here: ClusterHome;
let surroundings: PodSurroundings;

beforeAll(async () => {
  here = await startClusterHome();
});
afterAll(() => here[Symbol.asyncDispose]());

/** Starts the pod's container as the kubelet does; `HOME` is the user's as the image names it (opencontainers/runc libcontainer/init_linux.go). */
async function startPodOf(template: PodTemplate, round: string, instead?: readonly string[], around = surroundings) {
  const { command, options } = await podOf(template, round, around);
  const how = { ...options, env: { ...options.env, HOME: options.user?.id === 0 ? "/root" : "/data" } };
  const running = inContainer(image, instead ?? [...image.config.Entrypoint, ...command], how);
  const ended = running.then((result) => result);
  return { ended: () => ended, kill: (signal: "SIGTERM" | "SIGKILL") => running.kill(signal) };
}

/** Runs it to its end. */
async function endOf(template: PodTemplate, round: string, instead?: readonly string[], around = surroundings) {
  const started = await startPodOf(template, round, instead, around);
  return started.ended();
}

function said({ stdout, stderr }: { readonly stdout?: unknown; readonly stderr?: unknown }): string {
  return `${String(stdout)}\n${String(stderr)}`;
}

/** What the page tells a person to type. */
async function told(heading: string): Promise<readonly string[]> {
  return shellLines(section(await readFile(PAGE, "utf8"), heading));
}

describe("docs/kubernetes.md at its word", () => {
  test("leads from nothing to a pod that finds all it needs", async () => {
    const [apply = "", secret = "", check = "", ...more] = await told("From nothing");
    expect(more).toEqual([]);
    for (const command of [apply, secret]) {
      const typed = await here.types(command);
      expect(typed.exitCode, said(typed)).toBe(0);
    }
    surroundings = await here.surroundings();
    const [before, inside] = check.split(" -- ");
    expect(before).toBe("kubectl --namespace frigate exec deployment/camera-shepherd");
    const deployment = templateOf(read("kubernetes/deployment.yaml")[0]);
    const checked = await endOf(deployment, "check", words(inside ?? ""));
    expect(checked.exitCode, said(checked)).toBe(0);
    for (const found of ["ConfigMap frigate/frigate", "go2rtc"]) expect(said(checked)).toContain(found);
  });

  test("has it look by schedule instead, and once at once", async () => {
    const commands = await told("By schedule");
    expect(commands).toHaveLength(3);
    for (const command of commands) {
      const typed = await here.types(command);
      expect(typed.exitCode, said(typed)).toBe(0);
    }
    expect(at(await here.cluster.do("GET", CRON_JOB), "spec", "suspend")).toBe(false);
    const deployment = await here.cluster.do("GET", "/apis/apps/v1/namespaces/frigate/deployments/camera-shepherd");
    expect(at(deployment, "spec", "replicas")).toBe(0);
  });
});

describe("the CronJob's pod", () => {
  /** As the Job's own controller made it. */
  const templateOfPod = async (): Promise<PodTemplate> => {
    const selector = encodeURIComponent("job-name=look");
    const pods = () => here.cluster.do("GET", `/api/v1/namespaces/frigate/pods?labelSelector=${selector}`);
    await expect.poll(async () => itemsOf(await pods()).length, { timeout: 20_000 }).toBe(1);
    return itemsOf(await pods())[0] as unknown as PodTemplate;
  };
  const everything: string[] = [];
  const look = async (template: PodTemplate, round: string) => {
    const ended = await endOf(template, round);
    everything.push(said(ended));
    return { ended, words: said(ended) };
  };

  test("learns, heals the ConfigMap with one restart at its next run, does nothing at the third, with the shipped rights and nothing more", async () => {
    const { document, started, version, camera, home } = here;
    const template = await templateOfPod();
    const text = await document();
    const first = await look(template, "first");
    expect(first.ended, first.words).toMatchObject({ exitCode: 0 });
    expect(await document()).toBe(text);
    expect(started()).toBe(1);

    await camera.moveSilently(far(9));
    const before = await version();
    const second = await look(template, "second");
    expect(second.ended, second.words).toMatchObject({ exitCode: 0 });
    expect(await document()).toBe(moved(text, [[far(2), far(9)]]));
    await expectFrames(home.go2rtc, "front", far(9));
    expect(started()).toBe(2);
    const after = await version();
    expect(after).not.toBe(before);

    const third = await look(template, "third");
    expect(third.ended, third.words).toMatchObject({ exitCode: 0 });
    expect(third.words).toContain("unchanged  front  is at");
    expect([started(), await version()]).toEqual([2, after]);
    const secrets = [surroundings.account["token"], surroundings.secrets["camera-shepherd"]?.["http-token"], "canary"];
    expect(secrets.filter((secret) => secret === undefined || everything.join("\n").includes(secret))).toEqual([]);
  });

  test("has no capability, no way to gain one, and a root that it cannot write to", async () => {
    const script = "grep -E '^(Uid|Gid|Cap|NoNewPrivs)' /proc/self/status; touch /x /etc/camera-shepherd/x; true";
    const { stdout, stderr } = await endOf(templateOf(read("kubernetes/cronjob.yaml")[0]), "probe", ["sh", "-c", script]);
    const lines = String(stdout)
      .split("\n")
      .map((line) => line.split(/\s+/).slice(0, 2).join(" "));
    const none = ["Inh", "Prm", "Eff", "Bnd", "Amb"].map((set) => `Cap${set}: 0000000000000000`);
    expect(lines).toEqual(["Uid: 10001", "Gid: 10001", ...none, "NoNewPrivs: 1"]);
    expect(String(stderr).match(/Read-only file system/g)).toHaveLength(2);
  });

  test("may commit by ssh: its user is one that the image knows", async () => {
    const ssh = ["ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-p", "9", "127.0.0.1"];
    const { stderr } = await endOf(templateOf(read("kubernetes/cronjob.yaml")[0]), "ssh", ssh);
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
    const running = await startPodOf(template, name);
    onTestFailed(async () => {
      running.kill("SIGKILL");
      process.stdout.write(`the pod said:\n${said(await running.ended())}\n`);
    });
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) expect(await answers(template, address, probe)).toBe(200);
    const token = surroundings.secrets["camera-shepherd"]?.["http-token"] ?? "";
    const status = (headers: Record<string, string>) => fetch(`http://${address}:8099/api/status`, { headers });
    expect((await status({})).status).toBe(401);
    expect((await status({ authorization: `Bearer ${token}` })).status).toBe(200);
    const active = async (): Promise<readonly string[]> => {
      const metrics = await (await fetch(`http://${address}:9090/metrics`)).text();
      return [...metrics.matchAll(/^camera_shepherd_layer_active\{layer="([\w-]+)"\} 1$/gm)].map(([, layer = ""]) => layer).toSorted();
    };
    await expect.poll(active, { timeout: 20_000 }).toEqual(layers);
    const asked = performance.now();
    running.kill("SIGTERM");
    const ended = await running.ended();
    expect(ended.exitCode, said(ended)).toBe(0);
    expect(performance.now() - asked).toBeLessThan(1000 * (template.spec.terminationGracePeriodSeconds ?? 30));
    expect(said(ended)).not.toContain("canary");
    expect(said(ended)).not.toContain(token);
  });
});

describe("a key for SSH in the Secret", () => {
  test.each(["kubernetes/cronjob.yaml", "kubernetes-daemonset/daemonset.yaml"])("is one that ssh takes in the pod of %s", async (file) => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
    const around = { ...surroundings, secrets: { "camera-shepherd": { "http-token": "a-long-random-text", "ssh-key": key } } };
    const reads = ["ssh-keygen", "-y", "-f", "/run/secrets/camera-shepherd/ssh-key"];
    const ended = await endOf(templateOf(read(file)[0]), `key-${file.length.toString()}`, reads, around);
    expect(ended.exitCode, said(ended)).toBe(0);
    expect(String(ended.stdout)).toMatch(/^ssh-rsa /);
  });
});

describe("removed as docs/kubernetes.md says", () => {
  test("nothing of it is left, and Frigate and its namespace are", async () => {
    const commands = await told("To remove it");
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const typed = await here.types(command);
      expect(typed.exitCode, said(typed)).toBe(0);
    }
    const left = await here.types(
      "kubectl --namespace frigate get deployment,cronjob,configmap,service,role,lease,secret,networkpolicy --output name",
    );
    expect(
      left.stdout
        .split("\n")
        .filter((name) => name !== "")
        .toSorted(),
    ).toEqual(["configmap/frigate", "deployment.apps/frigate"]);
    expect(at(await here.cluster.do("GET", "/api/v1/namespaces/frigate"), "status", "phase")).toBe("Active");
  });
});
