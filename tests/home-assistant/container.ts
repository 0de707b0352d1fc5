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
}

/** Docker gives these to a container that asks for nothing (moby/moby, oci/caps/defaults.go), and its root has no others. */
const CAPABILITIES =
  "chown,dac_override,fsetid,fowner,mknod,net_raw,setgid,setuid,setfcap,setpcap,net_bind_service,sys_chroot,kill,audit_write";

// Arguments: the root, pairs of outside and inside, "--", the command. The root is read-only; what is mounted is not.
const MOUNTS = `set -eu
root="$1"; shift
mount --bind "$root" "$root"
while [ "$1" != -- ]; do mkdir -p "$root$2"; mount --rbind "$1" "$root$2"; shift 2; done
shift
mount -o remount,bind,ro "$root"
exec setpriv $NO_MORE --bounding-set "-all,$CAPABILITIES" --inh-caps=-all chroot "$root" env -i "$@"`;

/**
 * Runs a command in the image's files as an engine would: root read-only, Docker's own capabilities, the image's variables alone. Its process is
 * the command's own, so that signals reach it.
 */
export function inContainer({ root, config }: Image, command: readonly string[], options: ContainerOptions) {
  mkdirSync(options.shared, { recursive: true });
  const given = options.capabilities ?? CAPABILITIES.split(",");
  const mounts = { "/proc": "/proc", "/sys": "/sys", "/dev": "/dev", "/dev/shm": options.shared, ...options.folders };
  const pairs = Object.entries(mounts).flatMap(([inside, outside]) => [outside, inside]);
  const env = [...config.Env, ...Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`)];
  const script = ["sh", "-c", MOUNTS, "container", root, ...pairs, "--", ...env, ...command];
  return execa("unshare", ["--mount", "--propagation", "private", "--", ...script], {
    reject: false,
    stdin: "ignore",
    env: {
      // Entering the root needs one that is not asked for.
      CAPABILITIES: [...given, "sys_chroot"].map((name) => `+${name.toLowerCase()}`).join(","),
      NO_MORE: options.capabilities === undefined ? "" : "--no-new-privs",
    },
  });
}
