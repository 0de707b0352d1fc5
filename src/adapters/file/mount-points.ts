import { readFile } from "node:fs/promises";

/**
 * Whether something is mounted at exactly this path, as a container engine does with a single file: then it cannot be replaced by rename
 * (EBUSY, rename(2)). The device number does not tell: a bind mount within one file system keeps it.
 * @param path without symbolic links
 */
export async function isMountPoint(path: string): Promise<boolean> {
  try {
    return mountPoints(await readFile("/proc/self/mountinfo", "utf8")).has(path);
  } catch {
    // Not Linux, or no /proc: the rename itself will tell.
    return false;
  }
}

/** The mount points of `/proc/self/mountinfo`: the fifth field, white space and backslashes as octal escapes (proc_pid_mountinfo(5)). */
export function mountPoints(text: string): ReadonlySet<string> {
  const points = text.split("\n").flatMap((line) => line.split(" ")[4] ?? []);
  return new Set(
    points.map((point) => point.replaceAll(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(parseInt(octal, 8)))),
  );
}
