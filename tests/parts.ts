import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Folder outside the tree where `script/bootstrap` keeps what it built, by part and version. */
export const cacheFolder = process.env["CAMERA_SHEPHERD_CACHE"] ?? join(homedir(), ".cache", "camera-shepherd");

/**
 * Path of a program that `script/bootstrap` built, such as `part("go2rtc", "1.9.14")`.
 * @throws where it is missing: a suite that needs it fails, it is never skipped
 */
export function part(name: string, version: string): string {
  const path = join(cacheFolder, name, version);
  try {
    accessSync(path, constants.X_OK);
  } catch (cause) {
    throw new Error(`${name} ${version} is missing: run script/bootstrap`, { cause });
  }
  return path;
}
