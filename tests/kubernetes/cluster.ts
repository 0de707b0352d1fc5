import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePorts } from "../free-port.ts";
import { part } from "../parts.ts";

const VERSION = "1.36.1";
const ADMIN = "admin-canary-7f3a";

/** What the API server answered. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** An object of the API. */
export type Json = Readonly<Record<string, unknown>>;

/** What stands at a path of keys. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((here, key) => (typeof here === "object" && here !== null ? (here as Json)[key] : undefined), value);
}

/** The text there. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** The objects of a list. */
export function itemsOf(list: Json): readonly Json[] {
  const { items } = list;
  return Array.isArray(items) ? (items as readonly Json[]) : [];
}

/** A real cluster without machines: etcd, kube-apiserver and kube-controller-manager. */
export interface Cluster {
  readonly server: string;
  readonly port: number;
  /** What the server's certificate is signed by, in PEM. */
  readonly ca: string;
  /** One call as its administrator, or with another token. `type`: of a patch. @throws nothing: the status tells */
  call(method: string, path: string, body?: unknown, how?: { readonly type?: string; readonly token?: string }): Promise<Answer>;
  /** As `call`, and throws unless it was done. */
  do(method: string, path: string, body?: unknown, type?: string): Promise<Json>;
  /** Path of a kubeconfig with this token; the administrator's where absent. */
  kubeconfig(token?: string): Promise<string>;
  /** A token of the service account. */
  tokenOf(namespace: string, account: string): Promise<string>;
  /** Ends the API server, or begins it again at the same port. */
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  stop(): Promise<void>;
}

/** Begins a cluster on free ports of this machine. */
export async function startCluster(): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), "cluster-"));
  const [etcdPort = 0, peerPort = 0, port = 0, managerPort = 0] = await freePorts(4);
  const running: ChildProcess[] = [];
  const run = (name: string, path: string, args: readonly string[]): ChildProcess => {
    const child = spawn(path, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"], env: { PATH: "/usr/bin:/bin", HOME: folder } });
    child.stderr?.on("data", (chunk: Buffer) => (said[name] = `${said[name] ?? ""}${chunk.toString()}`.slice(-4000)));
    running.push(child);
    return child;
  };
  const said: Record<string, string> = {};
  const key = join(folder, "sa.key");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(key, privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
  await writeFile(join(folder, "tokens.csv"), `${ADMIN},admin,1,"system:masters"\n`, { mode: 0o600 });
  const etcd = `http://127.0.0.1:${String(etcdPort)}`;
  const peer = `http://127.0.0.1:${String(peerPort)}`;
  const own = ["--data-dir", join(folder, "etcd"), "--listen-client-urls", etcd, "--advertise-client-urls", etcd];
  const peers = ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`];
  run("etcd", part("etcd", "usr/bin/etcd"), [...own, ...peers, "--unsafe-no-fsync"]);
  const server = `https://127.0.0.1:${String(port)}`;
  const startServer = (): ChildProcess =>
    run("kube-apiserver", part("kubernetes", `${VERSION}/kube-apiserver`), [
      `--etcd-servers=${etcd}`,
      "--bind-address=127.0.0.1",
      // Nobody is told it; left away, it is looked for by the default route, which a world has not.
      "--advertise-address=192.0.2.1",
      `--secure-port=${String(port)}`,
      `--cert-dir=${join(folder, "server")}`,
      "--endpoint-reconciler-type=none",
      `--token-auth-file=${join(folder, "tokens.csv")}`,
      "--authorization-mode=RBAC",
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
      "--service-account-issuer=https://cluster.test",
      // Pods that no machine runs need no account.
      "--disable-admission-plugins=ServiceAccount",
      "--profiling=false",
    ]);
  let apiServer = startServer();
  let ca = "";
  const call: Cluster["call"] = (method, path, body, { type = "application/json", token = ADMIN } = {}) =>
    new Promise((resolve, reject) => {
      const content = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${token}`,
        ...(content === undefined ? {} : { "content-type": type, "content-length": Buffer.byteLength(content) }),
      };
      const sent = request(`${server}${path}`, { method, headers, ca, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) }));
      });
      sent.on("error", reject);
      sent.end(content);
    });
  const isReady = async (): Promise<boolean> => {
    try {
      ca = await readFile(join(folder, "server", "apiserver.crt"), "utf8");
      return (await call("GET", "/readyz")).status === 200;
    } catch {
      return false;
    }
  };
  const awaitReady = (): Promise<void> => until("the API server", isReady, () => `${said["kube-apiserver"]} ${said["etcd"]}`);
  const kubeconfig = async (token = ADMIN): Promise<string> => {
    const path = join(folder, `kubeconfig-${String(Math.random()).slice(2)}`);
    await writeFile(path, kubeconfigOf(server, ca, token), { mode: 0o600 });
    return path;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(running.toReversed().map(ended));
    await rm(folder, { recursive: true, force: true });
  };
  const done: Cluster["do"] = async (method, path, body, type) => {
    const { status, body: answer } = await call(method, path, body, type === undefined ? {} : { type });
    if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${String(status)} ${textAt(answer, "message")}`);
    return answer;
  };
  try {
    await awaitReady();
    run("kube-controller-manager", part("kubernetes", `${VERSION}/kube-controller-manager`), [
      `--kubeconfig=${await kubeconfig()}`,
      "--leader-elect=false",
      "--bind-address=127.0.0.1",
      `--secure-port=${String(managerPort)}`,
      `--cert-dir=${join(folder, "manager")}`,
      `--service-account-private-key-file=${key}`,
      `--root-ca-file=${join(folder, "server", "apiserver.crt")}`,
      "--controllers=deployment,replicaset,statefulset,daemonset,job,cronjob,namespace,garbagecollector,serviceaccount",
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    server,
    port,
    get ca() {
      return ca;
    },
    call,
    do: done,
    kubeconfig,
    tokenOf: async (namespace, account) => {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
      const asked = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
      return textAt(await done("POST", path, asked), "status", "token");
    },
    stopServer: () => ended(apiServer),
    startServer: async () => {
      apiServer = startServer();
      await awaitReady();
    },
    stop,
  };
}

function kubeconfigOf(server: string, ca: string, token: string): string {
  const cluster = { server, "certificate-authority-data": Buffer.from(ca).toString("base64") };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    clusters: [{ name: "test", cluster }],
    users: [{ name: "test", user: { token } }],
  });
}

/** At once: an orderly end takes seconds, and nothing of it is kept. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

/** Waits for something that takes a moment, at most a minute. */
export async function until(what: string, isSo: () => Promise<boolean>, more: () => string = () => ""): Promise<void> {
  for (const start = Date.now(); Date.now() - start < 60_000; await pause(100)) if (await isSo()) return;
  throw new Error(`${what} took longer than a minute. ${more()}`);
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}
