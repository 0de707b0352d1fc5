import { formatPath, type OptionPath } from "./keys.ts";
import type { Problem } from "./problems.ts";
import { isTree, setAt, type Tree, valueAt, withoutEmpty } from "./tree.ts";

/** A document in the one form that is validated, and the way back to what the person wrote. */
export interface NormalDocument {
  readonly tree: Tree;
  /** Path as it stands in the document, for a path of the tree. */
  readonly written: (path: OptionPath) => OptionPath;
  /** Both an older and a newer name were used for these. */
  readonly doubled: readonly Pick<Problem, "path" | "message">[];
  /** True where the document is one of the camera recorder's. */
  readonly recorder: boolean;
}

/** Keys of the camera recorder's document and where their values belong. */
const RENAMED: readonly (readonly [from: OptionPath, to: OptionPath])[] = [
  [
    ["storage", "s3_endpoint"],
    ["storage", "endpoint"],
  ],
  [
    ["storage", "s3_bucket"],
    ["storage", "bucket"],
  ],
  [
    ["storage", "s3_region"],
    ["storage", "region"],
  ],
  [
    ["storage", "segment_duration_minutes"],
    ["recording", "segment"],
  ],
];

/** Older names that a group still accepts. */
export function olderNames(group: OptionPath): readonly string[] {
  return RENAMED.filter(([from]) => formatPath(from.slice(0, -1)) === formatPath(group)).map(([from]) => String(from.at(-1)));
}

/** Groups that may be written as one entry instead of a list. */
const ONE_OR_MANY = ["frigate", "go2rtc"] as const;

/** @param value what the parser gave; a group (`isTree`) */
export function normaliseDocument(value: Tree): NormalDocument {
  const cleaned = withoutEmpty(value);
  const tree: Tree = isTree(cleaned) ? cleaned : {};
  const renamed = new Map<string, OptionPath>();
  const doubled: { path: string; message: string }[] = [];
  for (const [from, to] of RENAMED) {
    const old = valueAt(tree, from);
    const group = valueAt(tree, from.slice(0, -1));
    const name = from.at(-1);
    if (old === undefined || !isTree(group) || typeof name !== "string") continue;
    Reflect.deleteProperty(group, name);
    if (valueAt(tree, to) !== undefined)
      doubled.push({ path: formatPath(from), message: `is an older name of ${formatPath(to)}; keep one of the two` });
    else if (setAt(tree, to, name === "segment_duration_minutes" ? minutesOf(old) : old)) renamed.set(formatPath(to), from);
  }
  const single = new Set<string>();
  for (const group of ONE_OR_MANY) {
    if (!isTree(tree[group])) continue;
    tree[group] = [tree[group]];
    single.add(group);
  }
  const isGitAlone = hoistGit(tree, doubled);
  const written = (path: OptionPath): OptionPath => {
    const [group, index, ...rest] = path;
    if (isGitAlone && group === "frigate" && index === 0 && rest[0] === "git") return rest;
    return renamed.get(formatPath(path)) ?? (typeof group === "string" && single.has(group) && index === 0 ? [group, ...rest] : path);
  };
  return { tree, written, doubled, recorder: renamed.size > 0 };
}

/**
 * `git` at the top level is that of the only Frigate: in the form of Home Assistant's app a group inside a list's entry could not be left out.
 * @returns whether it stood there
 */
function hoistGit(tree: Tree, doubled: { path: string; message: string }[]): boolean {
  const git = tree["git"];
  if (!isTree(git)) return false;
  Reflect.deleteProperty(tree, "git");
  if (Object.keys(git).length === 0) return false;
  const entries: readonly unknown[] = Array.isArray(tree["frigate"]) ? tree["frigate"] : [];
  const [first = {}] = entries;
  if (entries.length > 1 || !isTree(first) || first["git"] !== undefined) {
    doubled.push({
      path: "git",
      message: "is the Git repository of the only Frigate; write it in the entry under frigate that it belongs to",
    });
    return false;
  }
  tree["frigate"] = [{ ...first, git }];
  return true;
}

function minutesOf(value: unknown): unknown {
  return typeof value === "number" || typeof value === "bigint" ? `${value}m` : value;
}
