import { basename, resolve } from "node:path";
import type { OwnerName } from "../../domain/camera.ts";
import { type KnownAddresses, textDocument } from "../../domain/text-document.ts";
import type { ConfigTarget, TargetName } from "../../ports/config-target.ts";
import { FileTarget, type FileTargetSettings } from "./file-target.ts";

/** One camera that a text file is to follow. */
export interface FollowedFile {
  readonly path: string;
  readonly camera: string;
}

/**
 * The files of other programs, one target a file, however many cameras it follows. A target is called as the file; a number tells those apart that are
 * called the same.
 * @param taken names of other targets
 * @param known asked for the addresses each time a text is read
 */
export function textFileTargets(
  files: readonly FollowedFile[],
  taken: readonly string[],
  known: (follows: readonly OwnerName[]) => KnownAddresses,
  settings: Pick<FileTargetSettings, "journal" | "dryRun"> & { readonly leaseOf?: (path: string) => FileTargetSettings["lease"] },
): readonly ConfigTarget[] {
  const { leaseOf, ...rest } = settings;
  const names = new Set(taken);
  return [...Map.groupBy(files, ({ path }) => resolve(path))].map(([path, entries]) => {
    const follows = [...new Set(entries.map(({ camera }): OwnerName => `device:${camera}`))];
    let name = basename(path);
    for (let count = 2; names.has(name); count += 1) name = `${basename(path)}-${count}`;
    names.add(name);
    return new FileTarget({
      name: name as TargetName,
      path,
      format: textDocument(follows, () => known(follows)),
      utf16: true,
      ...rest,
      lease: leaseOf?.(path),
    });
  });
}
