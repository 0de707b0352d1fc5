import fc from "fast-check";
import { expect, it } from "vitest";
import { everyKey } from "../../src/config/keys.ts";
import { editDistance, nearest } from "../../src/domain/nearest.ts";

it("counts a swap of neighbours as one change", () => {
  expect(editDistance("stroage", "storage")).toBe(1);
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("ca", "abc")).toBe(3);
});

it("is a distance: zero for equals alone, the same both ways, no longer than the longer word", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (one, other) => {
      const distance = editDistance(one, other);
      expect(distance).toBe(editDistance(other, one));
      expect(distance === 0).toBe(one === other);
      expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length));
    }),
  );
});

it("finds a key again after any one slip of the fingers", () => {
  const words = [...new Set(everyKey().map((key) => key.path.split(".").at(-1) ?? ""))].filter((word) => word.length >= 5);
  fc.assert(
    fc.property(fc.constantFrom(...words), fc.nat(), fc.constantFrom("swap", "drop", "double", "replace"), (word, at, slip) => {
      const index = at % (word.length - 1);
      const [before, letter, next, after] = [word.slice(0, index), word[index] ?? "", word[index + 1] ?? "", word.slice(index + 2)];
      const slipped = {
        swap: before + next + letter + after,
        drop: before + next + after,
        double: before + letter + letter + next + after,
        replace: `${before}~${next}${after}`,
      }[slip];
      const found = nearest(slipped, words);
      expect(found).toBeDefined();
      expect(editDistance(slipped, found ?? "")).toBeLessThanOrEqual(1);
    }),
  );
});

it("ignores case and hyphens, and suggests nothing far away", () => {
  expect(nearest("Max-Backoff", ["max_backoff"])).toBe("max_backoff");
  expect(nearest("xyz", ["mqtt", "http", "files"])).toBeUndefined();
});
