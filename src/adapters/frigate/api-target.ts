import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { DocumentFormat } from "../../domain/document.ts";
import {
  type ConfigTarget,
  type Revision,
  TargetError,
  type TargetName,
  type TargetText,
  type WriteOutcome,
} from "../../ports/config-target.ts";
import { FrigateError } from "../../ports/running-frigate.ts";
import type { FrigateClient } from "./client.ts";
import { schemaCheck } from "./schema-check.ts";

/** Frigate empties the file before it fills it: an empty text is read again, so often and after so many milliseconds. */
const MOST_READS = 5;
const FILLING = 50;
/** Milliseconds between two looks at the document while Frigate validates ours, which can take half a minute. */
const WATCHING = 200;

export interface FrigateApiTargetSettings {
  readonly name: TargetName;
  readonly client: FrigateClient;
  readonly format: DocumentFormat;
}

/**
 * Frigate's document through its own HTTP API (frigate/api/app.py: config_raw, config_save). Its save has no compare-and-swap and is not atomic, so the
 * document is read right before, while Frigate validates, and right after. What a person saves in that time survives: it is put back where our
 * text went over it, and left alone where it went over ours. A Frigate that dies while it writes leaves a shortened document: the text before is
 * kept in the registry's journal. CR LF arrive as LF and are saved so, as by Frigate's own editor: its API does not show them.
 */
export class FrigateApiTarget implements ConfigTarget {
  readonly name: TargetName;
  readonly format: DocumentFormat;
  readonly #client: FrigateClient;
  #writing: Promise<unknown> = Promise.resolve();
  /** A text that Frigate or its schema refused, so that it is not asked about it every few seconds. */
  #refused: { readonly text: string; readonly expected: Revision; readonly error: TargetError } | undefined;
  /** What somebody saved over ours: nothing is written over it. */
  #theirs: Revision | undefined;

  constructor(settings: FrigateApiTargetSettings) {
    this.name = settings.name;
    this.format = settings.format;
    this.#client = settings.client;
  }

  get place(): string {
    return this.#client.place;
  }

  async read(signal: AbortSignal): Promise<TargetText> {
    for (let count = 1; ; count += 1) {
      const text = await this.#asked(() => this.#client.configRaw(signal));
      if (text !== "" || count === MOST_READS) return { text, revision: revisionOf(text) };
      await pause(FILLING, undefined, { signal });
    }
  }

  async write(text: string, expected: Revision, signal: AbortSignal): Promise<WriteOutcome> {
    const turn = this.#writing.then(() => this.#replace(text, expected, signal));
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  async checkWritable(signal: AbortSignal): Promise<void> {
    await this.read(signal);
    const role = await this.#asked(() => this.#client.role(signal));
    if (role === undefined || role === "admin") return;
    const remedy = "give the user the role admin there, or use port 5000 of Frigate";
    throw new TargetError("FrigateForbids", `Frigate at ${this.place} gives this user the role ${role}, which may not write: ${remedy}`);
  }

  async #replace(text: string, expected: Revision, signal: AbortSignal): Promise<WriteOutcome> {
    signal.throwIfAborted();
    const before = await this.read(signal);
    if (before.revision !== expected) return { kind: "stale", current: before };
    if (this.#theirs === expected) throw this.#editedWhileSaving();
    if (this.#refused?.expected === expected && this.#refused.text === text) throw this.#refused.error;
    await this.#checkSchema(before, text, signal);
    const now = await this.read(signal);
    if (now.revision !== expected) return { kind: "stale", current: now };
    signal.throwIfAborted();
    const displaced = await this.#save(text, now);
    // From here on the change is visible: what became of it is told even where the program is about to end.
    const after = await this.read(new AbortController().signal);
    if (after.text !== asFrigateReads(text)) {
      if (after.revision === expected) return { kind: "stale", current: after };
      this.#theirs = after.revision;
      throw this.#editedWhileSaving();
    }
    if (displaced === undefined) return { kind: "written", revision: after.revision };
    await this.#asked(() => this.#client.save(displaced));
    return { kind: "stale", current: await this.read(new AbortController().signal) };
  }

  /** @returns what somebody else had saved before ours went over it */
  async #save(text: string, before: TargetText): Promise<string | undefined> {
    const saved = new AbortController();
    const watching = this.#watch([before.text, asFrigateReads(text), ""], saved.signal);
    try {
      await this.#client.save(text);
    } catch (error) {
      if (!(error instanceof FrigateError)) throw error;
      // A call that broke off may have done its work: reading tells.
      if (error.reason !== "FrigateUnreachable" || !(await this.#holds(text))) throw this.#remembered(text, before.revision, error);
    } finally {
      saved.abort();
    }
    return watching;
  }

  /** The last text that is none of the known ones, seen until the signal aborts. */
  async #watch(known: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    let foreign: string | undefined;
    try {
      for (;;) {
        await pause(WATCHING, undefined, { signal });
        const text = await this.#client.configRaw(signal);
        foreign = known.includes(text) ? foreign : text;
      }
    } catch {
      return foreign;
    }
  }

  async #holds(text: string): Promise<boolean> {
    return this.read(new AbortController().signal).then(
      (read) => read.text === asFrigateReads(text),
      () => false,
    );
  }

  #remembered(text: string, expected: Revision, cause: FrigateError): TargetError {
    const error = this.#targetError(cause);
    if (error.reason === "FrigateRefused") this.#refused = { text, expected, error };
    return error;
  }

  async #checkSchema(before: TargetText, after: string, signal: AbortSignal): Promise<void> {
    const schema = await this.#asked(() => this.#client.schema(signal));
    const addedFault = await schemaCheck(schema);
    const fault = addedFault(before.text, after);
    if (fault === undefined) return;
    const error = new TargetError("RewriteNotProved", `nothing was written to Frigate at ${this.place}: by its own schema ${fault} then`);
    this.#refused = { text: after, expected: before.revision, error };
    throw error;
  }

  async #asked<Result>(ask: () => Promise<Result>): Promise<Result> {
    try {
      return await ask();
    } catch (error) {
      throw error instanceof FrigateError ? this.#targetError(error) : error;
    }
  }

  #targetError(cause: FrigateError): TargetError {
    const { status, message } = cause;
    const at = `Frigate at ${this.place}`;
    if (cause.reason !== "FrigateRefused") return new TargetError(cause.reason, message, { cause });
    if (status === 404)
      return new TargetError(
        "DocumentMissing",
        `${at} has no document: create it there, or correct url under frigate if that is not Frigate`,
        { cause },
      );
    if (status === 500) return new TargetError("DocumentUnreadable", `${at} cannot read its document; save it as UTF-8 text`, { cause });
    if (/Could not write config file/.test(message))
      return new TargetError("DocumentForbidden", `${at} may not write its document: mount its /config writable`, { cause });
    return new TargetError("FrigateRefused", message, { cause });
  }

  #editedWhileSaving(): TargetError {
    const message = `somebody saved another text at ${this.place} while ours was saved; theirs stays, and nothing is written until the document is saved again`;
    return new TargetError("EditedWhileSaving", message);
  }
}

/** Frigate reads its file as Python text: every line end becomes LF. */
function asFrigateReads(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n");
}

function revisionOf(text: string): Revision {
  return createHash("sha256").update(text).digest("hex") as Revision;
}
