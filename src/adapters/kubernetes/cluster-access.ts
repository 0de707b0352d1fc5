import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { load } from "js-yaml";
import { z } from "zod";
import { codeOf } from "../../domain/thrown.ts";
import { TargetError } from "../../ports/config-target.ts";

/** Where a pod finds its service account (kubernetes/client-go rest/config.go, InClusterConfig). */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What the API server knows this program by. */
interface ClusterCredentials {
  readonly token?: string;
  readonly certificate?: string;
  readonly key?: string;
}

/** How the API server is reached. */
export interface ClusterAccess {
  readonly server: string;
  readonly ca?: string;
  /** Read anew for each call: the kubelet replaces a service account's token about once an hour. */
  credentials(): Promise<ClusterCredentials>;
}

export interface AccessQuestion {
  /** Path of a kubeconfig; absent in a pod. */
  readonly kubeconfig?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the service account; the pod's own where absent. */
  readonly folder?: string;
}

const Named = <Value extends z.ZodType>(key: string, value: Value) =>
  z.array(z.looseObject({ name: z.string(), [key]: value })).prefault([]);
const Cluster = z.looseObject({
  server: z.string(),
  "certificate-authority": z.string().optional(),
  "certificate-authority-data": z.string().optional(),
  "insecure-skip-tls-verify": z.boolean().optional(),
});
const User = z.looseObject({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  "client-certificate": z.string().optional(),
  "client-certificate-data": z.string().optional(),
  "client-key": z.string().optional(),
  "client-key-data": z.string().optional(),
});
const Context = z.looseObject({ cluster: z.string(), user: z.string() });
const Kubeconfig = z.looseObject({
  "current-context": z.string(),
  contexts: Named("context", Context),
  clusters: Named("cluster", Cluster),
  users: Named("user", User),
});

/** What is added to places, by which those of two clusters are told apart; nothing for the cluster that this program runs in. */
export function clusterWords(kubeconfig: string | undefined): string {
  return kubeconfig === undefined ? "" : ` (${kubeconfig})`;
}

/** The way to the cluster: a kubeconfig that is named, else the pod's own service account. @throws TargetError where there is none that can be used */
export async function clusterAccess({ kubeconfig, environment, folder = SERVICE_ACCOUNT }: AccessQuestion): Promise<ClusterAccess> {
  if (kubeconfig !== undefined) return fromKubeconfig(kubeconfig);
  const [host, port] = [environment["KUBERNETES_SERVICE_HOST"], environment["KUBERNETES_SERVICE_PORT"]];
  if (host === undefined || port === undefined)
    throw new TargetError("ClusterUnnamed", "this program does not run in a cluster; name a kubeconfig under kubernetes.kubeconfig");
  const tokenFile = join(folder, "token");
  const ca = await read(join(folder, "ca.crt"));
  await read(tokenFile);
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    ca,
    credentials: async () => ({ token: (await read(tokenFile)).trim() }),
  };
}

/** The subset that needs no other program: `exec` and `auth-provider` are refused. */
async function fromKubeconfig(path: string): Promise<ClusterAccess> {
  const broken = (what: string): TargetError => new TargetError("ClusterUnnamed", `the kubeconfig ${path} ${what}`);
  let config: z.infer<typeof Kubeconfig>;
  try {
    config = Kubeconfig.parse(load(await read(path)));
  } catch (cause) {
    if (cause instanceof TargetError) throw cause;
    // Neither YAML's message nor the schema's is passed on: it may hold a token.
    throw broken("cannot be understood: it needs current-context, contexts, clusters and users");
  }
  const context = config.contexts.find(({ name }) => name === config["current-context"])?.["context"];
  const { cluster: clusterName, user: userName } = Context.safeParse(context).data ?? {};
  const cluster = Cluster.safeParse(config.clusters.find(({ name }) => name === clusterName)?.["cluster"]).data;
  const user = User.safeParse(config.users.find(({ name }) => name === userName)?.["user"]).data;
  if (cluster === undefined || user === undefined) throw broken("does not hold the cluster and the user of its current-context");
  if (cluster["insecure-skip-tls-verify"] === true)
    throw broken("switches the check of the server's certificate off; give certificate-authority-data instead");
  if ("exec" in user || "auth-provider" in user) throw broken("gets its login from another program; use a token or a client certificate");
  const near = (file: string): string => resolve(dirname(path), file);
  const either = async (data: string | undefined, file: string | undefined): Promise<string | undefined> => {
    if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
    return file === undefined ? undefined : read(near(file));
  };
  const ca = await either(cluster["certificate-authority-data"], cluster["certificate-authority"]);
  return {
    server: cluster.server.replace(/\/+$/, ""),
    ...(ca === undefined ? {} : { ca }),
    credentials: async () => {
      const token = user.token ?? (user.tokenFile === undefined ? undefined : (await read(near(user.tokenFile))).trim());
      const certificate = await either(user["client-certificate-data"], user["client-certificate"]);
      const key = await either(user["client-key-data"], user["client-key"]);
      return {
        ...(token === undefined ? {} : { token }),
        ...(certificate === undefined ? {} : { certificate }),
        ...(key === undefined ? {} : { key }),
      };
    },
  };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = codeOf(cause);
    const why = code === undefined ? "" : ` (${code})`;
    throw new TargetError("ClusterUnnamed", `${path} cannot be read${why}, which says how the cluster is reached`, { cause });
  }
}
