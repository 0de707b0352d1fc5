import type { OptionPath } from "./keys.ts";

/** Options as written, before they are validated: groups, lists and scalars of whatever kind. */
export type Tree = Record<string, unknown>;

/** More than any home has; what is beyond is a document that was built to be expensive. */
const MOST_LEAVES = 20_000;

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

const isNothing = (value: unknown): boolean => value === null || value === "";

/** A copy without keys and entries that hold nothing: `null`, and the empty text that forms and `${NAME:-}` leave behind. */
export function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((child) => !isNothing(child)).map(withoutEmpty);
  if (!isTree(value)) return value;
  const kept = Object.entries(value).filter(([, child]) => !isNothing(child));
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutEmpty(child)]));
}

export function valueAt(tree: unknown, path: OptionPath): unknown {
  return path.reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return typeof part === "number" ? (value as readonly unknown[])[part] : undefined;
    return isTree(value) && typeof part === "string" && Object.hasOwn(value, part) ? value[part] : undefined;
  }, tree);
}

/** Sets a value, making the groups on its way. Does nothing where something else than a group stands there: validation reports that. */
export function setAt(tree: Tree, path: OptionPath, value: unknown): boolean {
  let here: unknown = tree;
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1;
    if (Array.isArray(here) && typeof part === "number" && !last) here = (here as readonly unknown[])[part];
    else if (isTree(here) && typeof part === "string") {
      if (last) here[part] = value;
      else here = here[part] ??= {};
    } else return false;
  }
  return true;
}

/** Takes a key out; a position in a list stays. */
export function removeAt(tree: Tree, path: OptionPath): void {
  const key = path.at(-1);
  const group = valueAt(tree, path.slice(0, -1));
  if (isTree(group) && typeof key === "string") Reflect.deleteProperty(group, key);
}

/** Paths of every scalar and every empty list or group. */
export function leaves(tree: unknown): readonly OptionPath[] {
  const found: OptionPath[] = [];
  const walk = (value: unknown, path: OptionPath): void => {
    if (found.length >= MOST_LEAVES) return;
    const children = Array.isArray(value) ? [...value.entries()] : isTree(value) ? Object.entries(value) : [];
    if (children.length === 0) found.push(path);
    else for (const [key, child] of children) walk(child, [...path, key]);
  };
  walk(tree, []);
  return found;
}
