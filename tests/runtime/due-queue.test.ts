import fc from "fast-check";
import { expect, test } from "vitest";
import { milliseconds } from "../../src/domain/duration.ts";
import { DueQueue } from "../../src/runtime/due-queue.ts";

test("gives keys by time, equals in the order in which they were set", () => {
  const key = fc.integer({ min: 0, max: 12 });
  const step = fc.oneof(
    fc.record({ kind: fc.constant("set" as const), key, due: fc.integer({ min: 0, max: 6 }) }),
    fc.record({ kind: fc.constant("delete" as const), key }),
    fc.record({ kind: fc.constant("take" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new DueQueue<number>();
      let model: { key: number; due: number }[] = [];
      const expected = () => model.toSorted((left, right) => left.due - right.due)[0];
      const drop = (gone: number | undefined) => {
        model = model.filter((item) => item.key !== gone);
      };
      for (const action of steps) {
        if (action.kind === "set") {
          drop(action.key);
          model.push({ key: action.key, due: action.due });
          queue.set(action.key, milliseconds(action.due));
        } else if (action.kind === "delete") {
          drop(action.key);
          queue.delete(action.key);
        } else {
          const first = queue.first();
          if (first !== undefined) queue.delete(first.key);
          drop(expected()?.key);
        }
        expect(queue.size).toBe(model.length);
        expect(queue.first()?.key).toBe(expected()?.key);
        for (const item of model) expect(queue.dueOf(item.key)).toBe(item.due);
      }
    }),
    { numRuns: 300 },
  );
});
