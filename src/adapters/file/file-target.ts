import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, type FileHandle, open, readdir, realpath, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { DocumentFormat } from "../../domain/document.ts";
import type { ConfigTarget, Revision, TargetName, TargetText, WriteOutcome } from "../../ports/config-target.ts";
import { TargetError } from "../../ports/config-target.ts";
import type { DocumentLease } from "../../ports/document-lease.ts";
import { completeInPlace, RecoveryJournal, writeInPlace } from "./in-place.ts";
import { isMountPoint } from "./mount-points.ts";
import { decode, encode, type Encoding, encodingOf } from "./text-codec.ts";
import { targetError } from "./target-error.ts";
import { type Bytes, MOST_BYTES, readWhole, revisionOf, syncFolder } from "./whole-file.ts";

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
  /** Whether it may be UTF-16, as Windows' programs export. */
  readonly utf16?: boolean;
  /** Folder of ours that remembers what is written in place; without it a file that cannot be replaced is not written. */
  readonly journal?: string;
  /** Keeps other copies of the program away from it. */
  readonly lease?: DocumentLease | undefined;
  /** What an earlier run left half written is not completed, but said. */
  readonly dryRun?: boolean;
}

/**
 * A document in a file. It is replaced as a whole by rename, so readers see the old or the new text; symbolic links, owner and mode stay. A file
 * that cannot be replaced so (a mount of its own, another's file or folder) is written in place, with a journal that completes it after a crash.
 */
export class FileTarget implements ConfigTarget {
  readonly name: TargetName;
  readonly place: string;
  readonly format: DocumentFormat;
  readonly lease: DocumentLease | undefined;
  readonly #journal: RecoveryJournal | undefined;
  readonly #dryRun: boolean;
  readonly #utf16: boolean;
  #writing: Promise<unknown> = Promise.resolve();
  #isComplete = false;

  constructor(settings: FileTargetSettings) {
    this.name = settings.name;
    this.place = settings.path;
    this.format = settings.format;
    this.lease = settings.lease;
    this.#journal = settings.journal === undefined ? undefined : new RecoveryJournal(settings.journal);
    this.#dryRun = settings.dryRun ?? false;
    this.#utf16 = settings.utf16 ?? false;
  }

  async read(signal: AbortSignal): Promise<TargetText> {
    signal.throwIfAborted();
    if (!this.#isComplete) await this.#inTurn(() => this.#complete());
    return this.#textOf(await this.#bytes(signal));
  }

  async write(text: string, expected: Revision, signal: AbortSignal): Promise<WriteOutcome> {
    return this.#inTurn(() => this.#replace(text, expected, signal));
  }

  async checkWritable(signal: AbortSignal): Promise<void> {
    const before = await this.#bytes(signal);
    await this.#guard(before.path, () => access(before.path, constants.W_OK));
    if (this.#journal !== undefined) return;
    if (await isMountPoint(before.path)) throw targetError(this.place, before.path, Object.assign(new Error("mounted"), { code: "EBUSY" }));
    await this.#guard(dirname(before.path), () => access(dirname(before.path), constants.W_OK | constants.X_OK));
    const self = process.geteuid?.();
    if (self !== undefined && self !== 0 && self !== before.uid) throw this.#otherOwner(before.uid, self);
    signal.throwIfAborted();
  }

  #encodingOf({ bytes }: Pick<Bytes, "bytes">): Encoding {
    return this.#utf16 ? encodingOf(bytes) : "utf-8";
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const turn = this.#writing.then(act);
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  /** A run that was killed while it wrote in place is completed before anything else is made of the file. */
  async #complete(): Promise<void> {
    const journal = this.#journal;
    if (journal === undefined || this.#isComplete) return;
    const path = await this.#guard(this.place, () => realpath(this.place));
    const outcome = await this.#guard(path, () => completeInPlace(journal, path, !this.#dryRun));
    if (outcome === "waits")
      throw new TargetError(
        "DocumentUnreadable",
        `${this.place} is half written by a run that was killed; start the program with run, which completes it`,
      );
    this.#isComplete = true;
  }

  async #replace(text: string, expected: Revision, signal: AbortSignal): Promise<WriteOutcome> {
    await this.#complete();
    const before = await this.#bytes(signal);
    if (revisionOf(before.bytes) !== expected) return { kind: "stale", current: this.#textOf(before) };
    const bytes = encode(text, this.#encodingOf(before));
    const journal = this.#journal;
    if (journal !== undefined && (await isMountPoint(before.path))) return this.#overwrite(journal, before, bytes, signal);
    try {
      return await this.#rename(before, bytes, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (journal === undefined || !isOfPermission(error)) throw error;
      // The folder may be closed to us, or the owner could not be kept: the file itself may still be open to us.
      await this.#guard(before.path, () => access(before.path, constants.W_OK));
      return this.#overwrite(journal, before, bytes, signal);
    }
  }

  async #rename(before: Bytes, bytes: Buffer, signal: AbortSignal): Promise<WriteOutcome> {
    const folder = dirname(before.path);
    await this.#removeLeftovers(before.path);
    const temporary = join(folder, `.${basename(before.path)}.${randomUUID()}${TEMPORARY}`);
    try {
      await this.#guard(folder, () => this.#prepare(temporary, bytes, before));
      const stale = await this.#staleSince(before, signal);
      if (stale !== undefined) {
        await unlink(temporary);
        return stale;
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

  /** Once begun it goes to its end, whatever is asked to stop: owner, mode, links and extended attributes are the file's own and stay. */
  async #overwrite(journal: RecoveryJournal, before: Bytes, bytes: Buffer, signal: AbortSignal): Promise<WriteOutcome> {
    const stale = await this.#staleSince(before, signal);
    if (stale !== undefined) return stale;
    signal.throwIfAborted();
    this.#isComplete = false;
    await this.#guard(before.path, () => writeInPlace(journal, { path: before.path, before: before.bytes, after: bytes }));
    this.#isComplete = true;
    return { kind: "written", revision: revisionOf(bytes) };
  }

  async #staleSince(before: Bytes, signal: AbortSignal): Promise<WriteOutcome | undefined> {
    const now = await this.#bytes(signal);
    return now.path === before.path && now.bytes.equals(before.bytes) ? undefined : { kind: "stale", current: this.#textOf(now) };
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
      const text = decode(bytes, this.#encodingOf({ bytes }));
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

/** Not a full disk: written in place it would be full as well. */
function isOfPermission(error: unknown): boolean {
  if (!(error instanceof TargetError) || error.reason !== "DocumentForbidden") return false;
  const { cause } = error;
  return cause === undefined || (cause instanceof Error && "code" in cause && cause.code !== "ENOSPC" && cause.code !== "EDQUOT");
}
