import { createHash } from "node:crypto";
import { type FileHandle, open, stat } from "node:fs/promises";
import type { Revision } from "../../ports/config-target.ts";

/** Larger files are no configuration; reading is bounded. */
export const MOST_BYTES = 8 * 1024 * 1024;

/** The bytes of a document with what must stay as it is when it is written. */
export interface Bytes {
  /** The file itself, behind every symbolic link. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export type Whole = Omit<Bytes, "path"> | "too-large" | "no-file" | "changing";

/**
 * Reads a whole file at one instant, or says that somebody writes it just now.
 * @throws the file system's error; the signal's reason when aborted
 */
export async function readWhole(path: string, signal: AbortSignal): Promise<Whole> {
  const before = await stat(path, { bigint: true });
  if (!before.isFile()) return "no-file";
  if (before.size > MOST_BYTES) return "too-large";
  const file = await open(path, "r");
  try {
    const bytes = await readUnlessAborted(file, signal);
    const after = await file.stat({ bigint: true });
    const same =
      after.ino === before.ino && after.size === before.size && after.mtimeNs === before.mtimeNs && BigInt(bytes.length) === after.size;
    return same ? { bytes, mode: Number(after.mode), uid: Number(after.uid), gid: Number(after.gid) } : "changing";
  } finally {
    await file.close();
  }
}

async function readUnlessAborted(file: FileHandle, signal: AbortSignal): Promise<Buffer> {
  try {
    return await file.readFile({ signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** A rename outlives a power cut only once its folder is on the disk (fsync(2)). Where a file system cannot sync a folder it is left to it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

export function revisionOf(bytes: Uint8Array): Revision {
  return createHash("sha256").update(bytes).digest("hex") as Revision;
}
