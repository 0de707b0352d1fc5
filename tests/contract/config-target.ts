import { describe, expect, test } from "vitest";
import type { ConfigTarget, Revision, TargetError } from "../../src/ports/config-target.ts";

/** A target with one document, and somebody else who edits it. */
export interface TargetUnderTest {
  readonly target: ConfigTarget;
  /** The document as others see it now. */
  bytes(): Promise<Uint8Array>;
  /** Somebody else replaces it. */
  edit(bytes: Uint8Array): Promise<void>;
  /** Somebody else removes it. */
  remove(): Promise<void>;
}

const encode = (text: string) => new TextEncoder().encode(text);
const never = () => new AbortController().signal;

/** What the way to a document does not let through, and nobody on this side can change. */
export interface TargetLimits {
  /** Frigate's own API shows every line end as LF (frigate/api/app.py reads the file as Python text). */
  readonly lineEnd?: "\n" | "\r\n";
  /** Frigate's own API refuses an empty document. */
  readonly empty?: boolean;
}

/** What every `ConfigTarget` must do. `make` gives a target whose document holds the text. */
export function configTargetContract(
  name: string,
  make: (text: string) => Promise<TargetUnderTest>,
  { lineEnd = "\r\n", empty = true }: TargetLimits = {},
): void {
  const BEFORE = `\u{feff}cameras: {}${lineEnd}# Grüße 🎥${lineEnd}`;
  describe(`${name} as a ConfigTarget`, () => {
    test("reads the whole text, byte-order mark and line ends included", async () => {
      const { target } = await make(BEFORE);
      expect((await target.read(never())).text).toBe(BEFORE);
    });

    test("gives equal bytes equal revisions and others another", async () => {
      const { target, edit } = await make(BEFORE);
      const first = await target.read(never());
      expect((await target.read(never())).revision).toBe(first.revision);
      await edit(encode(`${BEFORE} `));
      expect((await target.read(never())).revision).not.toBe(first.revision);
      await edit(encode(BEFORE));
      expect((await target.read(never())).revision).toBe(first.revision);
    });

    test("writes every byte and gives the revision that a read then gives", async () => {
      const { target, bytes } = await make(BEFORE);
      const { revision } = await target.read(never());
      const outcome = await target.write(`\u{feff}a: 1${lineEnd}b: ü\n`, revision, never());
      expect(outcome.kind).toBe("written");
      expect(Buffer.from(await bytes())).toEqual(Buffer.from(encode(`\u{feff}a: 1${lineEnd}b: ü\n`)));
      const read = await target.read(never());
      expect(outcome).toEqual({ kind: "written", revision: read.revision });
    });

    test("writes nothing where somebody edited meanwhile, and hands over what is there", async () => {
      const { target, bytes, edit } = await make(BEFORE);
      const { revision } = await target.read(never());
      await edit(encode("theirs: 1\n"));
      const outcome = await target.write("ours: 1\n", revision, never());
      expect(outcome).toEqual({ kind: "stale", current: await target.read(never()) });
      expect(new TextDecoder().decode(await bytes())).toBe("theirs: 1\n");
    });

    test("lets exactly one of several writers from the same revision win", async () => {
      const { target } = await make(BEFORE);
      const { revision } = await target.read(never());
      const outcomes = await Promise.all([1, 2, 3, 4].map((number) => target.write(`number: ${number}\n`, revision, never())));
      expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(["stale", "stale", "stale", "written"]);
      const winner = outcomes.findIndex(({ kind }) => kind === "written") + 1;
      expect((await target.read(never())).text).toBe(`number: ${winner}\n`);
    });

    test("can be written again from the revision that a write gave", async () => {
      const { target } = await make(BEFORE);
      let revision: Revision = (await target.read(never())).revision;
      for (const text of ["a: 1\n", "a: 2\n", ...(empty ? [""] : [])]) {
        const outcome = await target.write(text, revision, never());
        if (outcome.kind !== "written") throw new Error("stale");
        revision = outcome.revision;
        expect(await target.read(never())).toEqual({ text, revision });
      }
    });

    test("refuses what is not UTF-8", async () => {
      const { target, edit } = await make(BEFORE);
      await edit(new Uint8Array([0x61, 0x3a, 0x20, 0xff, 0x0a]));
      await expect(target.read(never())).rejects.toMatchObject({
        name: "TargetError",
        reason: "DocumentUnreadable",
      } satisfies Partial<TargetError>);
    });

    test("says that the document is missing, by its place", async () => {
      const { target, remove } = await make(BEFORE);
      const { revision } = await target.read(never());
      await remove();
      const missing = { name: "TargetError", reason: "DocumentMissing", message: expect.stringContaining(target.place) as string };
      await expect(target.read(never())).rejects.toMatchObject(missing);
      await expect(target.write("a: 1\n", revision, never())).rejects.toMatchObject(missing);
      await expect(target.checkWritable(never())).rejects.toMatchObject(missing);
    });

    test("a check of whether it may be written changes nothing", async () => {
      const { target, bytes } = await make(BEFORE);
      await target.checkWritable(never());
      expect(new TextDecoder("utf-8", { ignoreBOM: true }).decode(await bytes())).toBe(BEFORE);
    });

    test("does nothing once the signal is aborted", async () => {
      const { target, bytes } = await make(BEFORE);
      const { revision } = await target.read(never());
      const aborted = AbortSignal.abort(new Error("shutting down"));
      await expect(target.read(aborted)).rejects.toThrow("shutting down");
      await expect(target.write("a: 1\n", revision, aborted)).rejects.toThrow("shutting down");
      expect(new TextDecoder("utf-8", { ignoreBOM: true }).decode(await bytes())).toBe(BEFORE);
    });
  });
}
