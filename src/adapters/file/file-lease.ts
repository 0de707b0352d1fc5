import { randomUUID } from "node:crypto";
import { link, open, readFile, realpath, rename, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { after, between, type Duration, instant, minutes } from "../../domain/duration.ts";
import { codeOf } from "../../domain/thrown.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DocumentLease, LeaseHolder, LeaseOutcome } from "../../ports/document-lease.ts";
import { syncFolder } from "./whole-file.ts";

/** Unrenewed for so long, a lease has run out. */
const SPAN = minutes(5);
/** Renewed this often: each time is a write to what may be a memory card. */
const RENEW = minutes(2);
/** Clocks of two machines may differ by this much. */
const SKEW = minutes(10);
/** Others may be taking it at the same moment. */
const MOST_TRIES = 4;
/** Somebody who saw the one before run out may still move ours aside by mistake, and a third make one meanwhile: that is over by then. */
const UNDISTURBED = 100;
/** File systems without hard links, and profiles of AppArmor and the like that refuse them. */
const NO_LINKS = ["EACCES", "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

const Lease = z.object({ id: z.string(), nonce: z.string(), host: z.string(), pid: z.number(), since: z.number(), until: z.number() });
type Lease = z.infer<typeof Lease>;

export interface FileLeaseSettings {
  /** The document's. The lease lies beside the file that it leads to. */
  readonly path: string;
  readonly clock: Clock;
  /** Names this installation: what another process of it has is ours, too. */
  readonly id: () => string;
}

/**
 * A lease in a file beside the document, seen by every machine that mounts the folder. It is made by link(2), which only one can win, and one that ran out is
 * moved away before, so that a fresh one is never overwritten. Whether one ran out is told by watching it for its whole span, which no clock can falsify;
 * or by a time that is past by more than clocks differ.
 */
export class FileLease implements DocumentLease {
  readonly #settings: FileLeaseSettings;
  #mine: { readonly nonce: string; readonly since: number; readonly renewed: Duration } | undefined;
  #seen: { readonly text: string; readonly at: Duration } | undefined;

  constructor(settings: FileLeaseSettings) {
    this.#settings = settings;
  }

  async take(signal: AbortSignal): Promise<LeaseOutcome> {
    try {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        signal.throwIfAborted();
        const outcome = await this.#attempt(await this.#path());
        if (outcome !== undefined) return outcome;
      }
      return { kind: "none", why: "its lease keeps changing while it is taken" };
    } catch (error) {
      signal.throwIfAborted();
      if (codeOf(error) === undefined) throw error;
      return { kind: "none", why: `no lease can be kept beside it (${String(codeOf(error))})` };
    }
  }

  async holder(signal: AbortSignal): Promise<LeaseHolder | undefined> {
    signal.throwIfAborted();
    try {
      const found = leaseIn(await textAt(await this.#path()));
      if (found === undefined || between(instant(found.until), this.#settings.clock.now()) > 0) return undefined;
      return { host: found.host, pid: found.pid, since: instant(found.since) };
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      return undefined;
    }
  }

  async release(): Promise<void> {
    const mine = this.#mine;
    this.#mine = undefined;
    if (mine === undefined) return;
    try {
      const path = await this.#path();
      const found = leaseIn(await textAt(path));
      if (found?.nonce === mine.nonce) await unlink(path);
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
    }
  }

  /** One look and at most one step; undefined where somebody else was faster and it must be looked at again. */
  async #attempt(path: string): Promise<LeaseOutcome | undefined> {
    const { clock, id } = this.#settings;
    const text = await textAt(path);
    if (text === undefined) return (await this.#create(path, clock.now())) ? { kind: "ours" } : undefined;
    const found = leaseIn(text);
    const now = clock.monotonic();
    if (found?.id === id()) {
      const mine = this.#mine?.nonce === found.nonce ? this.#mine : undefined;
      // Another process of this installation has it, or had it before it was killed: what is not renewed in time is taken on.
      const due = mine !== undefined ? now - mine.renewed >= RENEW : between(clock.now(), instant(found.until)) <= SPAN - RENEW;
      if (!due) return { kind: "ours" };
      const since = found.since;
      return (await this.#moveAway(path, text)) && (await this.#create(path, since)) ? { kind: "ours" } : undefined;
    }
    this.#mine = undefined;
    if (this.#seen?.text !== text) this.#seen = { text, at: now };
    const isWatched = now - this.#seen.at >= SPAN;
    const isPast = found !== undefined && between(instant(found.until), clock.now()) > SKEW;
    if (isWatched || isPast)
      return (await this.#moveAway(path, text)) && (await this.#create(path, clock.now())) ? { kind: "ours" } : undefined;
    const { host, pid, since } = found ?? { host: "an unknown machine", pid: 0, since: clock.now() };
    return { kind: "theirs", holder: { host, pid, since: instant(since) } };
  }

  /** @returns false where somebody else made one first, or took ours away at once */
  async #create(path: string, since: number): Promise<boolean> {
    const { clock, id } = this.#settings;
    const nonce = randomUUID();
    const lease: Lease = { id: id(), nonce, host: hostname(), pid: process.pid, since, until: after(clock.now(), SPAN) };
    const temporary = `${path}.${nonce}.tmp`;
    const bytes = `${JSON.stringify(lease)}\n`;
    await writeSynced(temporary, bytes);
    try {
      await link(temporary, path);
    } catch (error) {
      const code = codeOf(error);
      if (code === "EEXIST") return false;
      if (!isWithoutLinks(error)) throw error;
      if (!(await writeNew(path, bytes))) return false;
    } finally {
      await unlink(temporary).catch(() => undefined);
    }
    await syncFolder(dirname(path));
    await pause(UNDISTURBED);
    if ((await textAt(path)) !== bytes) return false;
    this.#mine = { nonce, since, renewed: clock.monotonic() };
    this.#seen = undefined;
    return true;
  }

  /** Takes exactly this text away; of several that try, one succeeds. A fresh lease that was moved by mistake is put back. */
  async #moveAway(path: string, expected: string): Promise<boolean> {
    const aside = `${path}.${randomUUID()}.tmp`;
    try {
      await rename(path, aside);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    }
    const found = await textAt(aside);
    const isExpected = found === expected;
    if (!isExpected)
      await link(aside, path).catch(async (error: unknown) => {
        if (isWithoutLinks(error)) await writeNew(path, found ?? "").catch(() => false);
      });
    await unlink(aside).catch(() => undefined);
    return isExpected;
  }

  async #path(): Promise<string> {
    const path = await realpath(this.#settings.path);
    return join(dirname(path), `.${basename(path)}.camera-shepherd.lease`);
  }
}

async function textAt(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).slice(0, 4096);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function leaseIn(text: string | undefined): Lease | undefined {
  try {
    return Lease.parse(JSON.parse(text ?? ""));
  } catch {
    return undefined;
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isWithoutLinks(error: unknown): boolean {
  return NO_LINKS.includes(codeOf(error) ?? "");
}

/** Where there are no hard links: only one can make it, too. @returns false where there is one already */
async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await writeSynced(path, text);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}
