import { cp, readFile, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { MacAddress } from "../../src/domain/addresses.ts";
import { FakeFrigate } from "../fakes/fake-frigate/fake-frigate.ts";
import { type Cluster, startCluster, textAt, until } from "../kubernetes/cluster.ts";
import { FakeKubelet } from "../kubernetes/fake-kubelet.ts";
import { makeWorkload, workloadPath } from "../kubernetes/frigate-namespace.ts";
import { part } from "../parts.ts";
import type { Camera } from "../world/camera.ts";
import { startHome, type Home } from "../world/home.ts";
import { run } from "../world/programs.ts";
import { far, HOME_OF_POD, startPod } from "../world/routed.ts";
import { DEPLOY } from "./manifests.ts";
import type { PodSurroundings } from "./pod-template.ts";

const NAMESPACE = "frigate";
/** The Service `kubernetes`: the first address of the API server's own range, for which its certificate is. */
const SERVICE = "10.0.0.1";

/** A home with one camera behind its router, and a cluster with Frigate that has the camera's document in a ConfigMap. */
export interface ClusterHome extends AsyncDisposable {
  readonly home: Home;
  readonly camera: Camera;
  readonly cluster: Cluster;
  /** A person's shell: `kubectl` is there, and the folder `deploy`, corrected for this home. */
  types(command: string): Promise<{ readonly exitCode?: number | undefined; readonly stdout: string; readonly stderr: string }>;
  /** What a pod of `deploy/kubernetes` is given there, once that was applied. */
  surroundings(): Promise<PodSurroundings>;
  /** How often Frigate's pods were made. */
  readonly started: () => number;
  /** The document in the ConfigMap. */
  readonly document: () => Promise<string>;
  /** Changes with each write to the ConfigMap, or to what is wanted of Frigate's workload. */
  readonly version: () => Promise<string>;
}

export async function startClusterHome(): Promise<ClusterHome> {
  await using undo = new AsyncDisposableStack();
  const front = { name: "front", mac: "0c:79:55:00:02:01" as MacAddress, static: true, routed: true, password: "canary-front" } as const;
  const [home, cluster] = await Promise.all([startHome({ cameras: [{ ...front, address: far(2) }] }), startCluster()]);
  undo.use(home);
  undo.defer(() => cluster.stop());
  const pod = undo.use(await startPod(home.lan));
  const camera = home.camera("front");
  const text = documentOf(camera.url());
  await cluster.do("POST", "/api/v1/namespaces", { metadata: { name: NAMESPACE } });
  await cluster.do("POST", `/api/v1/namespaces/${NAMESPACE}/configmaps`, { metadata: { name: "frigate" }, data: { "config.yml": text } });
  const frigate = new FakeFrigate({ version: "0.16.4", text });
  await frigate.start();
  undo.defer(() => frigate.stop());
  const kubelet = new FakeKubelet(cluster, NAMESPACE);
  undo.defer(() => kubelet.stop());
  let started = 0;
  kubelet.fate = async (one) => {
    if (textAt(one, "metadata", "labels", "app") !== "frigate") return "waits" as const;
    started += 1;
    frigate.bytes = Buffer.from(await documentIn(cluster));
    frigate.reload();
    return "ready" as const;
  };
  await makeWorkload(cluster, NAMESPACE);
  await until("Frigate", () => Promise.resolve(started === 1));
  await run("ip", ["address", "add", `${SERVICE}/32`, "dev", "lo"]);
  undo.defer(await forward(SERVICE, 443, cluster.port));
  undo.defer(await forward(HOME_OF_POD, 5000, Number(new URL(frigate.url).port)));
  const desk = join(home.lan.folder, "desk");
  await correctedManifests(desk);
  const env = { KUBECONFIG: await cluster.kubeconfig(), HOME: desk, PATH: `${dirname(kubectl)}:${process.env["PATH"] ?? ""}` };
  const everything = undo.move();
  return {
    home,
    camera,
    cluster,
    types: (command) => execa("bash", ["-c", command], { cwd: desk, env, reject: false, timeout: 60_000 }),
    surroundings: async () => {
      const [configMap, secret] = await Promise.all(["configmaps", "secrets"].map((kind) => cluster.do("GET", ownPath(kind))));
      return {
        folder: join(home.lan.folder, "pod"),
        namespace: pod.namespace,
        configMaps: { "camera-shepherd": { "options.yaml": textAt(configMap, "data", "options.yaml") } },
        secrets: { "camera-shepherd": { "http-token": Buffer.from(textAt(secret, "data", "http-token"), "base64").toString() } },
        account: { token: await cluster.tokenOf(NAMESPACE, "camera-shepherd"), "ca.crt": cluster.ca, namespace: NAMESPACE },
        hosts: { frigate: HOME_OF_POD },
        env: { KUBERNETES_SERVICE_HOST: SERVICE, KUBERNETES_SERVICE_PORT: "443" },
      };
    },
    started: () => started,
    document: () => documentIn(cluster),
    version: async () => {
      const map = await cluster.do("GET", mapPath);
      const workload = await cluster.do("GET", workloadPath(NAMESPACE));
      return JSON.stringify([textAt(map, "metadata", "resourceVersion"), workload["spec"]]);
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

const kubectl = part("kubernetes", "1.36.1/kubectl");
const mapPath = `/api/v1/namespaces/${NAMESPACE}/configmaps/frigate`;
const ownPath = (kind: string): string => `/api/v1/namespaces/${NAMESPACE}/${kind}/camera-shepherd`;

async function documentIn(cluster: Cluster): Promise<string> {
  return textAt(await cluster.do("GET", mapPath), "data", "config.yml");
}

/** The manifests as they are shipped, but for what a person corrects: the cameras' own network. And a restart need not be waited for long. */
async function correctedManifests(desk: string): Promise<void> {
  await cp(DEPLOY, join(desk, "deploy"), { recursive: true });
  for (const [name, more] of [
    ["configmap.yaml", "    limits: {restart_quiet: 2s}\n"],
    ["networkpolicy.yaml", ""],
  ] as const) {
    const path = join(desk, "deploy", "kubernetes", name);
    const shown = await readFile(path, "utf8");
    const corrected = shown.replace("192.168.1.0/24", "10.9.0.0/28");
    if (corrected === shown) throw new Error(`${name} names no network of cameras`);
    await writeFile(path, `${corrected}${more}`);
  }
}

/** Frigate shows the stream of its go2rtc, and detects on the camera's own: only a restart brings a new address into use there. */
function documentOf(url: string): string {
  return `# ours
mqtt: {enabled: false}
go2rtc:
  streams:
    front: ${url}
cameras:
  front:
    ffmpeg:
      inputs:
        - path: ${url}  # the only one
          roles: [detect]
    detect: {width: 1280, height: 720}
`;
}

/** As a cluster's Service leads to what is behind it. @returns what ends it, with every connection */
async function forward(address: string, port: number, to: number): Promise<() => Promise<void>> {
  const open = new Set<Socket>();
  const server = createServer((incoming) => {
    const onward = connect(to, "127.0.0.1");
    for (const [one, other] of [
      [incoming, onward],
      [onward, incoming],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
    incoming.pipe(onward).pipe(incoming);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, address, resolve));
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
}
