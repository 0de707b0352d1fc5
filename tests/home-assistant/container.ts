import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cacheFolder } from "../parts.ts";
import { imageInputs } from "./image-inputs.ts";

/** The image that `script/image` built. */
export interface Image {
  /** Where its files are. */
  readonly root: string;
  readonly config: ImageConfig;
}

/** How the image is started: the configuration of a Docker image (moby/docker-image-spec, spec.md). */
export interface ImageConfig {
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Healthcheck: { readonly Test: readonly string[]; readonly Retries: number };
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal: string;
  readonly User: string;
  readonly Volumes: Readonly<Record<string, unknown>>;
}

/** @throws where it was not built from these sources: a suite that needs it fails, it is never skipped */
export function builtImage(): Image {
  const folder = join(cacheFolder, "image");
  let built = "";
  try {
    built = readFileSync(join(folder, "inputs"), "utf8").trim();
  } catch (cause) {
    throw new Error("the image is missing: run script/image", { cause });
  }
  if (built !== imageInputs()) throw new Error("the image is of other sources: run script/image");
  const { Docker } = JSON.parse(readFileSync(join(folder, "image.json"), "utf8")) as { readonly Docker: { readonly config: ImageConfig } };
  return { root: join(folder, "root"), config: Docker.config };
}

export interface ContainerOptions {
  /** Folders that are mounted, by their place inside. */
  readonly folders: Readonly<Record<string, string>>;
  /** Variables beside the image's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Capabilities in the place of Docker's default set, by which no program that is started may gain others. */
  readonly capabilities?: readonly string[];
  /** The folder of `/dev/shm`, which an engine gives every container. */
  readonly shared: string;
  /** Places of `folders` that may only be read. */
  readonly readOnly?: readonly string[];
  /** The user and group that it runs as, with `capabilities` at most and no way to gain others; the image's own where absent. */
  readonly user?: { readonly id: number; readonly group: number };
  /** The network namespace that it runs in; the home box where absent. */
  readonly namespace?: string;
}

/** Docker gives these to a container that asks for nothing (moby/moby, oci/caps/defaults.go), and its root has no others. */
const CAPABILITIES =
  "chown,dac_override,fsetid,fowner,mknod,net_raw,setgid,setuid,setfcap,setpcap,net_bind_service,sys_chroot,kill,audit_write";

// Arguments: the root, triples of outside, inside and mode, "--", the command. The root is read-only.
const MOUNTS = `set -eu
root="$1"; shift
mount --bind "$root" "$root"
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir -p "$root$2"; else [ -e "$root$2" ] || : >"$root$2"; fi
  mount --rbind "$1" "$root$2"
  [ "$3" = rw ] || mount -o remount,bind,ro "$root$2"
  shift 3
done
shift
mount -o remount,bind,ro "$root"
exec setpriv $NO_MORE --bounding-set "-all,$CAPABILITIES" --inh-caps=-all chroot "$root" $AS env -i "$@"`;

/**
 * Runs a command in the image's files as an engine would: root read-only, Docker's own capabilities, the image's variables alone. Its process is
 * the command's own, so that signals reach it.
 */
export function inContainer({ root, config }: Image, command: readonly string[], options: ContainerOptions) {
  mkdirSync(options.shared, { recursive: true });
  const given = options.capabilities ?? CAPABILITIES.split(",");
  const mounts = { "/proc": "/proc", "/sys": "/sys", "/dev": "/dev", "/dev/shm": options.shared, ...options.folders };
  const { user, namespace, readOnly = [] } = options;
  const mounted = Object.entries(mounts).flatMap(([inside, outside]) => [outside, inside, readOnly.includes(inside) ? "ro" : "rw"]);
  const env = [...config.Env, ...Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`)];
  const script = ["sh", "-c", MOUNTS, "container", root, ...mounted, "--", ...env, ...command];
  const entered = namespace === undefined ? [] : ["ip", "netns", "exec", namespace];
  const [program = "", ...args] = [...entered, "unshare", "--mount", "--propagation", "private", "--", ...script];
  // Entering the root, and becoming another user there, need some that are not asked for.
  const needed = user === undefined ? ["sys_chroot"] : ["sys_chroot", "setuid", "setgid", "setpcap"];
  return execa(program, args, {
    reject: false,
    stdin: "ignore",
    env: {
      CAPABILITIES: [...given, ...needed].map((name) => `+${name.toLowerCase()}`).join(","),
      NO_MORE: options.capabilities === undefined || user !== undefined ? "" : "--no-new-privs",
      AS: user === undefined ? "" : asUser(user, given),
    },
  });
}

/** With the image's own setpriv: what is dropped there is dropped for good. */
function asUser({ id, group }: NonNullable<ContainerOptions["user"]>, capabilities: readonly string[]): string {
  const [user, main] = [String(id), String(group)];
  const kept = ["-all", ...capabilities.map((name) => `+${name.toLowerCase()}`)].join(",");
  return `setpriv --reuid ${user} --regid ${main} --groups ${main} --no-new-privs --bounding-set ${kept} --inh-caps -all`;
}
