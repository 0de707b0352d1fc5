import { describe, expect, test } from "vitest";
import { minutes, seconds } from "../../src/domain/duration.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { DocumentLease } from "../../src/ports/document-lease.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

const signal = new AbortController().signal;

/** Gives each copy of the program its view of one lease. */
export type OpenLease = (id: string, clock: Clock) => DocumentLease;

/** What every `DocumentLease` must do. `create` makes a new lease that nobody has. */
export function documentLeaseContract(name: string, create: () => OpenLease | Promise<OpenLease>): void {
  describe(`${name} as a document's lease`, () => {
    test("one copy has it, another is told who, and gets it once it is given up", async () => {
      const clock = new FakeClock();
      const open = await create();
      const [one, other] = [open("one", clock), open("other", clock)];
      expect(await other.holder(signal)).toBeUndefined();
      expect(await one.take(signal)).toEqual({ kind: "ours" });
      expect(await one.take(signal)).toEqual({ kind: "ours" });
      for (const copy of [one, other]) expect(await copy.holder(signal)).toMatchObject({ since: clock.now() });
      expect(await other.take(signal)).toMatchObject({ kind: "theirs", holder: { since: clock.now() } });
      await other.release();
      expect(await other.take(signal)).toMatchObject({ kind: "theirs" });
      await one.release();
      await one.release();
      expect(await other.holder(signal)).toBeUndefined();
      expect(await other.take(signal)).toEqual({ kind: "ours" });
      expect(await one.take(signal)).toMatchObject({ kind: "theirs" });
    });

    test("one that is renewed is never taken, one that is not is taken after five minutes", async () => {
      const clock = new FakeClock();
      const open = await create();
      const [one, other] = [open("one", clock), open("other", clock)];
      await one.take(signal);
      for (let turn = 0; turn < 120; turn += 1) {
        await clock.advance(seconds(10));
        expect(await one.take(signal)).toEqual({ kind: "ours" });
        expect(await other.take(signal)).toMatchObject({ kind: "theirs" });
      }
      await clock.advance(minutes(4));
      expect(await other.take(signal)).toMatchObject({ kind: "theirs" });
      await clock.advance(seconds(70));
      expect(await other.take(signal)).toEqual({ kind: "ours" });
      // The first was only asleep: it learns that it lost.
      expect(await one.take(signal)).toMatchObject({ kind: "theirs" });
      await one.release();
      expect(await one.take(signal)).toMatchObject({ kind: "theirs" });
    });

    test("another process of the same installation has it, too", async () => {
      const clock = new FakeClock();
      const open = await create();
      await open("one", clock).take(signal);
      expect(await open("one", clock).take(signal)).toEqual({ kind: "ours" });
      expect(await open("other", clock).take(signal)).toMatchObject({ kind: "theirs" });
    });

    test("asks nothing once it is aborted", async () => {
      const open = await create();
      await expect(open("one", new FakeClock()).take(AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
    });
  });
}
