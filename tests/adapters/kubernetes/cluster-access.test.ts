import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { clusterAccess } from "../../../src/adapters/kubernetes/cluster-access.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const SERVICE = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };
const base64 = (text: string): string => Buffer.from(text).toString("base64");

function kubeconfig(user: object, cluster: object = {}): string {
  return JSON.stringify({
    "current-context": "home",
    contexts: [
      { name: "other", context: { cluster: "none", user: "none" } },
      { name: "home", context: { cluster: "home", user: "me" } },
    ],
    clusters: [{ name: "home", cluster: { server: "https://cluster.example:6443/", ...cluster } }],
    users: [{ name: "me", user }],
  });
}

function from(config: string, files: Readonly<Record<string, string>> = {}) {
  const folder = folderWith({ ...files, config });
  return clusterAccess({ kubeconfig: join(folder, "config"), environment: SERVICE });
}

describe("in a pod", () => {
  test("the service account is used, and its token as it is at each call", async () => {
    const folder = folderWith({ token: "first\n", "ca.crt": "PEM" });
    const access = await clusterAccess({ environment: SERVICE, folder });
    expect(access).toMatchObject({ server: "https://10.96.0.1:443", ca: "PEM" });
    expect(await access.credentials()).toEqual({ token: "first" });
    writeFileSync(join(folder, "token"), "second\n");
    expect(await access.credentials()).toEqual({ token: "second" });
  });

  test("an IPv6 address of the server has its brackets", async () => {
    const folder = folderWith({ token: "t", "ca.crt": "PEM" });
    const environment = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
    expect(await clusterAccess({ environment, folder })).toMatchObject({ server: "https://[fd00::1]:6443" });
  });

  test("without a service account, and outside a cluster, it is said what to do", async () => {
    const unnamed = (words: string) => ({ reason: "ClusterUnnamed", message: expect.stringContaining(words) as string });
    await expect(clusterAccess({ environment: SERVICE, folder: folderWith({}) })).rejects.toMatchObject(
      unnamed("ca.crt cannot be read (ENOENT)"),
    );
    await expect(clusterAccess({ environment: {} })).rejects.toMatchObject(unnamed("name a kubeconfig under kubernetes.kubeconfig"));
  });
});

describe("by a kubeconfig", () => {
  test("the cluster and the user of its current context are used, files beside it included", async () => {
    const written = await from(kubeconfig({ token: "t" }, { "certificate-authority-data": base64("PEM") }));
    expect(written).toMatchObject({ server: "https://cluster.example:6443", ca: "PEM" });
    expect(await written.credentials()).toEqual({ token: "t" });
    const files = { "ca.pem": "CA", "me.crt": "CERT", "me.key": "KEY" };
    const named = await from(
      kubeconfig({ "client-certificate": "me.crt", "client-key": "me.key" }, { "certificate-authority": "ca.pem" }),
      files,
    );
    expect(named.ca).toBe("CA");
    expect(await named.credentials()).toEqual({ certificate: "CERT", key: "KEY" });
    const data = { "client-certificate-data": base64("CERT"), "client-key-data": base64("KEY") };
    expect(await (await from(kubeconfig(data))).credentials()).toEqual({ certificate: "CERT", key: "KEY" });
    expect(await (await from(kubeconfig({ tokenFile: "token" }), { token: "from a file\n" })).credentials()).toEqual({
      token: "from a file",
    });
  });

  test.each([
    ["{", "cannot be understood"],
    ["users: [{name: me, user: {token: token-canary, x: [}}]", "cannot be understood"],
    ["current-context: home", "does not hold the cluster"],
    [kubeconfig({ exec: { command: "aws", args: ["token-canary"] } }), "gets its login from another program"],
    [kubeconfig({ token: "token-canary" }, { "insecure-skip-tls-verify": true }), "switches the check of the server's certificate off"],
    [kubeconfig({ token: 5, note: "token-canary" }), "cannot be understood"],
  ])("one that cannot be used is refused by name, and nothing of it is shown: %#", async (config, words) => {
    const error: unknown = await from(config).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: "ClusterUnnamed", message: expect.stringContaining(words) as string });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("token-canary");
  });
});
