import { expect, test } from "vitest";
import { figuresOf, passes, percentile, table } from "./figures.ts";

const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

test("percentiles are values that were measured, by the nearest rank", () => {
  expect(percentile(upTo(20).toReversed(), 0.5)).toBe(10);
  expect(percentile(upTo(20), 0.95)).toBe(19);
  expect(percentile(upTo(10), 0.95)).toBe(10);
  expect(percentile([], 0.5)).toBe(Number.POSITIVE_INFINITY);
});

test("a move that was not healed is worse than every figure", () => {
  expect(figuresOf([100, null, 200])).toEqual({ n: 3, healed: 2, p50: 200, p95: Number.POSITIVE_INFINITY, max: Number.POSITIVE_INFINITY });
  expect(passes({ what: "x", samples: [100, null], target: { p50: 1_000 } })).toBe(true);
  expect(passes({ what: "x", samples: [100, null], target: { p95: 1_000 } })).toBe(false);
  expect(passes({ what: "x", samples: [], target: { p50: 1_000 } })).toBe(false);
  expect(passes({ what: "x", samples: [100] })).toBeUndefined();
});

test("the table says what was missed and how a peer did", () => {
  const peers = [{ name: "oracle", p50: 500 }];
  const [, first = "", second = ""] = table([
    { what: "new client", samples: [400, 600], target: { p50: 1_000, p95: 1_500 }, peers },
    { what: "document", samples: [4_000], target: { p95: 3_000 } },
  ]);
  expect(first).toBe("new client  2  0.40  0.60  0.60  p50 ≤ 1.00, p95 ≤ 1.50  pass    0.80 × oracle (0.50)");
  expect(second).toMatch(/^document\s+1\s+4\.00\s+4\.00\s+4\.00\s+p95 ≤ 3\.00\s+MISSED$/);
});
