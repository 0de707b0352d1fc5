import { randomUUID } from "node:crypto";
import { open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf } from "../../domain/thrown.ts";

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "its folder is not there; create it",
  ENOTDIR: "its folder is not there; create it",
  EACCES: "permission denied; name a folder that you may write in",
  EPERM: "permission denied; name a folder that you may write in",
  EROFS: "its file system is read-only",
  EISDIR: "it is a folder; name a file",
  ENOSPC: "there is no room left",
};

/**
 * Writes a file of its own, mode 0644.
 * @param force replaces what is there, as a whole; without, a file that is there is left as it is
 * @throws the signal's reason when aborted
 */
export async function writeNewFile(
  path: string,
  text: string,
  force: boolean,
  signal: AbortSignal,
): Promise<"written" | "exists" | { readonly why: string }> {
  const place = force ? join(dirname(path), `.${basename(path)}.${randomUUID()}.camera-shepherd.tmp`) : path;
  let isOurs = false;
  try {
    signal.throwIfAborted();
    const file = await open(place, "wx", 0o644);
    isOurs = true;
    try {
      await file.writeFile(text, { signal });
      await file.sync();
    } finally {
      await file.close();
    }
    if (force) await rename(place, path);
    return "written";
  } catch (error) {
    if (isOurs) await unlink(place).catch(() => undefined);
    signal.throwIfAborted();
    const code = codeOf(error);
    if (code === undefined) throw error;
    return code === "EEXIST" ? "exists" : { why: WHY[code] ?? code };
  }
}
