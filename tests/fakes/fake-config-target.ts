import type { DocumentFormat } from "../../src/domain/document.ts";
import {
  type ConfigTarget,
  type Revision,
  TargetError,
  type TargetName,
  type TargetText,
  type WriteOutcome,
} from "../../src/ports/config-target.ts";
import type { DocumentLease } from "../../src/ports/document-lease.ts";

/** A document in memory that anybody may edit and that can be made to fail. */
export class FakeConfigTarget implements ConfigTarget {
  readonly name: TargetName;
  readonly place: string;
  readonly format: DocumentFormat;
  lease?: DocumentLease;
  /** What the document holds; undefined where it is missing. */
  bytes: Uint8Array | undefined;
  /** What every call fails with, while set. */
  failure: TargetError | undefined;
  /** Texts that were written, the first first. */
  readonly written: string[] = [];

  constructor(settings: { readonly name: string; readonly format: DocumentFormat; readonly text: string; readonly place?: string }) {
    this.name = settings.name as TargetName;
    this.place = settings.place ?? `/fake/${settings.name}.yml`;
    this.format = settings.format;
    this.bytes = new TextEncoder().encode(settings.text);
  }

  /** The document as text. */
  get text(): string {
    return this.#current().text;
  }

  /** Somebody edits the document. */
  edit(text: string): void {
    this.bytes = new TextEncoder().encode(text);
  }

  async read(signal: AbortSignal): Promise<TargetText> {
    signal.throwIfAborted();
    return this.#current();
  }

  async write(text: string, expected: Revision, signal: AbortSignal): Promise<WriteOutcome> {
    signal.throwIfAborted();
    const current = this.#current();
    if (current.revision !== expected) return { kind: "stale", current };
    this.edit(text);
    this.written.push(text);
    return { kind: "written", revision: this.#current().revision };
  }

  async checkWritable(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#current();
  }

  #current(): TargetText {
    if (this.failure !== undefined) throw this.failure;
    if (this.bytes === undefined) throw new TargetError("DocumentMissing", `${this.place} is not there; create it`);
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.bytes);
      return { text, revision: Buffer.from(this.bytes).toString("base64") as Revision };
    } catch {
      throw new TargetError("DocumentUnreadable", `${this.place} is not UTF-8 text; save it as UTF-8`);
    }
  }
}
