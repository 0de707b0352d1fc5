import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, type FileHandle, open, readdir, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { DocumentFormat } from "../../domain/document.ts";
import type { ConfigTarget, Revision, TargetName, TargetText, WriteOutcome } from "../../ports/config-target.ts";
import { TargetError } from "../../ports/config-target.ts";
import { targetError } from "./target-error.ts";

/** Larger files are no configuration; reading is bounded. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Somebody else may be writing while we read: then once more. */
const MOST_READS = 5;
/** Milliseconds between two reads of an empty file. */
const FILLING = 20;
/** Of our own temporary files, which lie beside the document so that a rename is atomic. */
const TEMPORARY = ".camera-shepherd.tmp";

export interface FileTargetSettings {
  readonly name: TargetName;
  readonly path: string;
  readonly format: DocumentFormat;
}

interface Bytes {
  readonly path: string;
  readonly bytes: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A document in a file. It is replaced as a whole by rename, so readers see the old or the new text; symbolic links, owner and mode stay. */
export class FileTarget implements ConfigTarget {
  readonly name: TargetName;
  readonly place: string;
  readonly format: DocumentFormat;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(settings: FileTargetSettings) {
    this.name = settings.name;
    this.place = settings.path;
    this.format = settings.format;
  }

  async read(signal: AbortSignal): Promise<TargetText> {
    return this.#textOf(await this.#bytes(signal));
  }

  async write(text: string, expected: Revision, signal: AbortSignal): Promise<WriteOutcome> {
    const turn = this.#writing.then(() => this.#replace(text, expected, signal));
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  async checkWritable(signal: AbortSignal): Promise<void> {
    const { path, uid } = await this.#bytes(signal);
    await this.#guard(path, () => access(path, constants.W_OK));
    await this.#guard(dirname(path), () => access(dirname(path), constants.W_OK | constants.X_OK));
    const self = process.geteuid?.();
    if (self !== undefined && self !== 0 && self !== uid) throw this.#otherOwner(uid, self);
    signal.throwIfAborted();
  }

  async #replace(text: string, expected: Revision, signal: AbortSignal): Promise<WriteOutcome> {
    const before = await this.#bytes(signal);
    if (revisionOf(before.bytes) !== expected) return { kind: "stale", current: this.#textOf(before) };
    const bytes = Buffer.from(text, "utf8");
    const folder = dirname(before.path);
    await this.#removeLeftovers(before.path);
    const temporary = join(folder, `.${basename(before.path)}.${randomUUID()}${TEMPORARY}`);
    try {
      await this.#guard(folder, () => this.#prepare(temporary, bytes, before));
      const now = await this.#bytes(signal);
      if (now.path !== before.path || revisionOf(now.bytes) !== expected) {
        await unlink(temporary);
        return { kind: "stale", current: this.#textOf(now) };
      }
      signal.throwIfAborted();
      await this.#guard(before.path, () => rename(temporary, before.path));
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
    await syncFolder(folder);
    return { kind: "written", revision: revisionOf(bytes) };
  }

  /** The file is ours alone until it has the document's owner, then its mode: it holds passwords. */
  async #prepare(temporary: string, bytes: Buffer, like: Bytes): Promise<void> {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      const made = await file.stat();
      if (made.uid !== like.uid || made.gid !== like.gid) await this.#giveTo(file, like);
      await file.chmod(like.mode & 0o7777);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #giveTo(file: FileHandle, like: Bytes): Promise<void> {
    try {
      await file.chown(like.uid, like.gid);
    } catch {
      throw this.#otherOwner(like.uid, process.geteuid?.() ?? -1);
    }
  }

  async #bytes(signal: AbortSignal): Promise<Bytes> {
    const path = await this.#guard(this.place, () => realpath(this.place));
    for (let count = 1; ; count += 1) {
      signal.throwIfAborted();
      const read = await this.#guard(path, () => readWhole(path, signal));
      if (read === "too-large")
        throw new TargetError(
          "DocumentUnreadable",
          `${this.place} is larger than ${MOST_BYTES / 1024 / 1024} MiB; name Frigate's own configuration`,
        );
      if (read === "no-file") throw new TargetError("DocumentUnreadable", `${this.place} is not a file; name the document itself`);
      // Programs that do not write by rename (go2rtc, Frigate) empty the file first, and an empty document would mean that no camera is left.
      if (read !== "changing" && (read.bytes.length > 0 || count === MOST_READS)) return { path, ...read };
      if (read !== "changing") await pause(FILLING, undefined, { signal });
      if (count === MOST_READS)
        throw new TargetError("DocumentUnreadable", `${this.place} keeps changing while it is read; it is tried again`);
    }
  }

  #textOf({ bytes }: Bytes): TargetText {
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      return { text, revision: revisionOf(bytes) };
    } catch {
      throw new TargetError("DocumentUnreadable", `${this.place} is not UTF-8 text; save it as UTF-8`);
    }
  }

  /** What an earlier run left behind when it was killed between making its file and the rename. */
  async #removeLeftovers(path: string): Promise<void> {
    const folder = dirname(path);
    const names = await readdir(folder).catch(() => []);
    const ours = names.filter((name) => name.startsWith(`.${basename(path)}.`) && name.endsWith(TEMPORARY));
    for (const name of ours) await unlink(join(folder, name)).catch(() => undefined);
  }

  async #guard<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
    try {
      return await act();
    } catch (error) {
      throw targetError(this.place, path, error);
    }
  }

  #otherOwner(owner: number, self: number): TargetError {
    const message = `${this.place} belongs to user ${owner}, and this program runs as user ${self}, so it could not keep the owner; run it as user ${owner} or as root`;
    return new TargetError("DocumentForbidden", message);
  }
}

type Whole = Omit<Bytes, "path"> | "too-large" | "no-file" | "changing";

async function readWhole(path: string, signal: AbortSignal): Promise<Whole> {
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
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function revisionOf(bytes: Buffer): Revision {
  return createHash("sha256").update(bytes).digest("hex") as Revision;
}
