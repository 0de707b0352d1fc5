import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../../domain/thrown.ts";
import { syncFolder } from "./whole-file.ts";

/** A disk writes at least so much at once (the smallest sector there is). */
const SECTOR = 512;

/** What a file was and is to be while it is written in place. */
export interface JournalEntry {
  readonly path: string;
  readonly before: Buffer;
  readonly after: Buffer;
}

/**
 * Remembers what is being written into a file that cannot be replaced, so that a crash in the middle is completed later.
 * One file a document in the folder, mode 0600: it holds passwords.
 */
export class RecoveryJournal {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws the file system's error; the entry is on the disk when it resolves */
  async begin(entry: JournalEntry): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const place = this.#placeOf(entry.path);
    const temporary = `${place}.tmp`;
    const file = await open(temporary, "w", 0o600);
    try {
      const { path, before, after } = entry;
      await file.writeFile(JSON.stringify({ path, before: before.toString("base64"), after: after.toString("base64") }));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, place);
    await syncFolder(this.#folder);
  }

  /** The entry of a write that did not end; undefined where there is none. */
  async open(path: string): Promise<JournalEntry | undefined> {
    const text = await readFile(this.#placeOf(path), "utf8").catch((error: unknown) => {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    });
    const entry: unknown = text === undefined ? undefined : JSON.parse(text);
    if (typeof entry !== "object" || entry === null || !("before" in entry) || !("after" in entry)) return undefined;
    return { path, before: Buffer.from(String(entry.before), "base64"), after: Buffer.from(String(entry.after), "base64") };
  }

  async end(path: string): Promise<void> {
    await unlink(this.#placeOf(path));
    await syncFolder(this.#folder);
  }

  #placeOf(path: string): string {
    return join(this.#folder, `${createHash("sha256").update(path).digest("hex").slice(0, 16)}.json`);
  }
}

/**
 * Whether the bytes are what a write of `after` over `before` leaves when it is cut off: sector by sector the old, the new or nothing yet.
 * The old and the new text themselves are not, and neither is anybody's edit.
 */
export function isUnfinished(bytes: Uint8Array, { before, after }: Pick<JournalEntry, "before" | "after">): boolean {
  if (after.equals(bytes) || before.equals(bytes)) return false;
  const [shorter, longer] = [Math.min(before.length, after.length), Math.max(before.length, after.length)];
  if (bytes.length < shorter || bytes.length > longer) return false;
  for (let at = 0; at < bytes.length; at += SECTOR) {
    const part = Buffer.from(bytes.subarray(at, at + SECTOR));
    const done = commonLength(part, after.subarray(at));
    const rest = part.subarray(done);
    const old = before.subarray(at + done, at + part.length);
    const isOld = rest.subarray(0, old.length).equals(old) && isEmpty(rest.subarray(old.length));
    if (!isOld && !isEmpty(rest)) return false;
  }
  return true;
}

function isEmpty(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function commonLength(one: Uint8Array, other: Uint8Array): number {
  const differs = one.findIndex((byte, index) => byte !== other[index]);
  return differs === -1 ? one.length : differs;
}

/** Writes into the file itself and leaves it as long as the bytes are. @throws the file system's error, the file then being half written */
async function overwrite(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, "r+");
  try {
    for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten;
    await file.truncate(bytes.length);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes a file in place: what it was and is to be is on the disk before the first byte changes, and is forgotten when the last one did.
 * Where the write fails, the file is put back; where even that fails, `completeInPlace` does it later.
 * @throws the file system's error
 */
export async function writeInPlace(journal: RecoveryJournal, entry: JournalEntry): Promise<void> {
  await journal.begin(entry);
  try {
    await overwrite(entry.path, entry.after);
  } catch (error) {
    await overwrite(entry.path, entry.before);
    await journal.end(entry.path);
    throw error;
  }
  await journal.end(entry.path);
}

/**
 * Completes what a killed run left: a half-written file gets the new text. One that is the old or the new text, or that somebody edited since, stays as it is.
 * @returns whether there was something to complete
 * @throws the file system's error
 */
export async function completeInPlace(
  journal: RecoveryJournal,
  path: string,
  mayWrite: boolean,
): Promise<"nothing" | "completed" | "waits"> {
  const entry = await journal.open(path);
  if (entry === undefined) return "nothing";
  const unfinished = isUnfinished(await readFile(path), entry);
  if (!mayWrite) return unfinished ? "waits" : "nothing";
  if (unfinished) await overwrite(path, entry.after);
  await journal.end(path);
  return unfinished ? "completed" : "nothing";
}
