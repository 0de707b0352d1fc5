import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ContainerOptions } from "../home-assistant/container.ts";
import { at, type Manifest } from "./manifests.ts";

/** A pod template of `deploy`, as far as an engine needs it. */
export interface PodTemplate {
  readonly spec: {
    readonly hostNetwork?: boolean;
    readonly terminationGracePeriodSeconds?: number;
    readonly securityContext: {
      readonly runAsNonRoot?: boolean;
      readonly runAsUser?: number;
      readonly runAsGroup?: number;
      readonly fsGroup?: number;
    };
    readonly containers: readonly Container[];
    readonly volumes: readonly Volume[];
  };
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold?: number;
}

interface Container {
  readonly command?: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly securityContext: {
    readonly runAsUser?: number;
    readonly allowPrivilegeEscalation: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly capabilities: { readonly drop: readonly string[]; readonly add?: readonly string[] };
  };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string; readonly defaultMode: number };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly hostPath?: { readonly path: string };
  readonly emptyDir?: object;
}

/** What the cluster gives to a pod. */
export interface PodSurroundings {
  /** A folder for its volumes: a claim, or a folder of the node, is the same one at each start. */
  readonly folder: string;
  /** The network namespace of a pod that has one of its own. */
  readonly namespace: string;
  readonly configMaps: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The token and `ca.crt` of the service account, which the API server's admission mounts. */
  readonly account: Readonly<Record<string, string>>;
  /** Names that the cluster's DNS knows. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/** Where the admission mounts the service account; `/var/run` of the image leads to `/run`. */
const ACCOUNT = "/run/secrets/kubernetes.io/serviceaccount";

/** The pod template of a workload. */
export function templateOf(workload: Manifest | undefined): PodTemplate {
  const [template] = [...at(workload, "spec.template"), ...at(workload, "spec.jobTemplate.spec.template")];
  if (template === undefined) throw new Error("the object has no pod template");
  return template as PodTemplate;
}

/** The template's one container. */
export function containerOf({ spec }: PodTemplate): Container {
  const [container, ...others] = spec.containers;
  if (container === undefined || others.length > 0) throw new Error("the template has not one container");
  return container;
}

/**
 * How the kubelet starts the template's one container.
 * @param round names the start: what is empty at each start is a folder of its own
 * @throws where the template asks for something that is not done here
 */
export async function podOf(
  template: PodTemplate,
  round: string,
  around: PodSurroundings,
): Promise<{ readonly command: readonly string[]; readonly options: ContainerOptions }> {
  const { spec } = template;
  const container = containerOf(template);
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = container.securityContext;
  const isBare = !allowPrivilegeEscalation && readOnlyRootFilesystem && capabilities.drop.join() === "ALL";
  const id = container.securityContext.runAsUser ?? spec.securityContext.runAsUser;
  const { runAsNonRoot = false, runAsGroup: group = 0, fsGroup = 0 } = spec.securityContext;
  if (!isBare || id === undefined || group !== fsGroup || container.command !== undefined)
    throw new Error("the template is another one than this knows");
  if (runAsNonRoot && id === 0) throw new Error("root may not run it");
  const folders: Record<string, string> = {
    [ACCOUNT]: await mounted(join(around.folder, round, "account"), around.account, fsGroup, 0o440),
  };
  const readOnly = [ACCOUNT, "/etc/hosts"];
  for (const { name, mountPath, readOnly: isReadOnly } of container.volumeMounts) {
    const volume = spec.volumes.find((one) => one.name === name);
    if (volume === undefined) throw new Error(`there is no volume ${name}`);
    folders[mountPath] = await folderOf(volume, round, around, fsGroup);
    if (isReadOnly === true) readOnly.push(mountPath);
  }
  const hosts = join(around.folder, round, "hosts");
  const lines = Object.entries({ localhost: "127.0.0.1", ...around.hosts }).map(([name, address]) => `${address} ${name}\n`);
  await writeFile(hosts, lines.join(""), { mode: 0o644 });
  const shared = join(around.folder, round, "shm");
  await mkdir(shared, { recursive: true });
  await chmod(shared, 0o1777);
  return {
    command: container.args,
    options: {
      folders: { ...folders, "/etc/hosts": hosts },
      readOnly,
      shared,
      env: { ...around.env, ...Object.fromEntries(container.env.map(({ name, value }) => [name, value])) },
      capabilities: capabilities.add ?? [],
      user: { id, group },
      ...(spec.hostNetwork === true ? {} : { namespace: around.namespace }),
    },
  };
}

async function folderOf(volume: Volume, round: string, around: PodSurroundings, group: number): Promise<string> {
  const { name, configMap, secret, persistentVolumeClaim: claim, hostPath } = volume;
  const fresh = join(around.folder, round, name);
  if (configMap !== undefined) return mounted(fresh, around.configMaps[configMap.name], group, 0o644);
  if (secret !== undefined) return mounted(fresh, around.secrets[secret.secretName], group, secret.defaultMode);
  if (claim !== undefined) return writable(join(around.folder, "claims", claim.claimName), group, 0o2775);
  if (hostPath !== undefined) return writable(join(around.folder, "node", hostPath.path), 0, 0o755);
  return writable(fresh, group, 0o2777);
}

/** The kubelet gives such a volume to the group and lets it write (kubernetes/kubernetes pkg/volume/volume_linux.go). */
async function writable(folder: string, group: number, mode: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  await chown(folder, 0, group);
  await chmod(folder, mode);
  return folder;
}

async function mounted(folder: string, files: Readonly<Record<string, string>> | undefined, group: number, mode: number): Promise<string> {
  if (files === undefined) throw new Error(`nothing is known that belongs to ${folder}`);
  await mkdir(folder, { recursive: true });
  await chmod(dirname(folder), 0o755);
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await writeFile(path, text);
    await chown(path, 0, group);
    await chmod(path, mode);
  }
  return folder;
}
