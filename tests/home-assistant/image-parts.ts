import { lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

export interface Part {
  /** A Debian package, or a place of files that belong to none. */
  readonly name: string;
  readonly bytes: number;
}

/** Every regular file below a folder, as a path from it; links to folders are not followed. */
export function filesBelow(root: string, folder = ""): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(root, path) : entry.isFile() ? [path] : [];
  });
}

/** What the image is made of, the largest first; each file counts once, for the package that dpkg says it belongs to. */
export function partsOf(root: string): readonly Part[] {
  const info = join(root, "var/lib/dpkg/info");
  const owners = new Map<string, string>();
  for (const list of readdirSync(info).filter((name) => name.endsWith(".list"))) {
    const name = basename(list, ".list").replace(/:.*$/, "");
    for (const path of readFileSync(join(info, list), "utf8").split("\n")) if (path !== "") owners.set(resolved(root, path), name);
  }
  const sizes = new Map<string, number>();
  const seen = new Set<number>();
  for (const path of filesBelow(root)) {
    const { ino, size } = lstatSync(join(root, path));
    if (seen.has(ino)) continue;
    seen.add(ino);
    const name = owners.get(path) ?? `/${/^(?:app|usr\/local\/bin\/\w+|var\/lib\/\w+|\w+)/.exec(path)?.[0] ?? path}`;
    sizes.set(name, (sizes.get(name) ?? 0) + size);
  }
  return [...sizes].map(([name, bytes]) => ({ name, bytes })).toSorted((one, other) => other.bytes - one.bytes);
}

/** Where a file of a package's list really is: `/bin` leads to `/usr/bin`. As a path from the root. */
function resolved(root: string, path: string): string {
  try {
    const folder = realpathSync(join(root, dirname(path)));
    return join(folder.startsWith(root) ? relative(root, folder) : folder.slice(1), basename(path));
  } catch {
    return path.slice(1);
  }
}
