import { type Plain, list, plains } from "../../domain/plain.ts";
import { within } from "./cluster-api.ts";

/**
 * How the text of a ConfigMap comes to the program that reads it.
 * - `file`: mounted as one file (`subPath`), read-only, and as it was when the pod began; never brought up to date (blakeshome-charts, without a volume)
 * - `folder`: mounted as a folder that the kubelet brings up to date; a program that reads it at its start sees that only then
 * - `copied`: an init container copies it at each start (blakeshome-charts `persistence.config`, its container `copyconfig`)
 * - `seeded`: an init container copies it where there is no such file yet; a later text never arrives (`persistence.config.seedOnly`)
 * - `unseen`: no container mounts it
 */
export type Mounted = "file" | "folder" | "copied" | "seeded" | "unseen";

/** A shell that copies only where nothing is there. */
const ONLY_ONCE = /\bcp\s[^;&|]*(?:-\w*n\b|--no-clobber|--update=none)|!\s+-[efs]\s|(?:\[|\btest)\s+-[efs]\s[^\]|;&]*\]?\s*\|\|/;

/** How the workload's pods get the key of the ConfigMap. */
export function mountedAs(workload: Plain, configMap: string, key: string): Mounted {
  const pod = within(workload, "spec", "template", "spec");
  const paths = new Map(
    plains(pod["volumes"]).flatMap((volume) => {
      const path = pathIn(volume, configMap, key);
      return path === undefined ? [] : [[volume["name"], path] as const];
    }),
  );
  const mounts = (kind: "containers" | "initContainers") =>
    plains(pod[kind]).flatMap((container) =>
      plains(container["volumeMounts"]).flatMap((mount) => (isOf(mount, paths.get(mount["name"])) ? [{ container, mount }] : [])),
    );
  const [own] = mounts("containers");
  if (own !== undefined) return own.mount["subPath"] === undefined && own.mount["subPathExpr"] === undefined ? "folder" : "file";
  const [first] = mounts("initContainers");
  if (first === undefined) return "unseen";
  return ONLY_ONCE.test(commandOf(first.container)) ? "seeded" : "copied";
}

/** What that means for a change, in words that follow "the ConfigMap". */
export const MOUNT_WORDS: Readonly<Record<Mounted, string>> = {
  file: "is mounted as a single file, read-only: its text arrives with a new pod",
  folder: "is mounted as a folder: its text arrives by itself, and is read by a new pod",
  copied:
    "is copied by an init container at each start: its text arrives with a new pod, and what is saved in Frigate's own page is lost with it",
  seeded: "is copied by an init container only where there is no configuration yet: a change never arrives",
  unseen: "is mounted by no container of it",
};

/** The path that the key of the ConfigMap has in the volume; undefined where it is not in it. A volume may take some keys only, and give them other names. */
function pathIn(volume: Plain, configMap: string, key: string): string | undefined {
  const sources = [volume, ...plains(within(volume, "projected")["sources"])].map((source) => within(source, "configMap"));
  const source = sources.find(({ name }) => name === configMap);
  if (source === undefined || !Array.isArray(source["items"])) return source === undefined ? undefined : key;
  const path = plains(source["items"]).find((item) => item["key"] === key)?.["path"];
  return typeof path === "string" ? path : undefined;
}

/** A mount of one file holds the key only where it is that file. */
function isOf({ subPath }: Plain, path: string | undefined): boolean {
  return path !== undefined && (typeof subPath !== "string" || subPath === path);
}

function commandOf(container: Plain): string {
  return [container["command"], container["args"]].flatMap(list).join(" ");
}
