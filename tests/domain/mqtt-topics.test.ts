import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DeviceId } from "../../src/domain/camera.ts";
import { isCovered, topicName } from "../../src/domain/mqtt-topics.ts";

const name = (id: string): string => topicName(id as DeviceId);

describe("a device's segment of a topic", () => {
  test("an ordinary id stands for itself", () => {
    for (const id of ["front", "Front_door-2", "camera-1", "7"]) expect(name(id)).toBe(id);
  });

  test("others keep what fits, and a digest tells them apart", () => {
    expect(name("front/main")).toBe("front_main-25ab0658");
    expect(name("front+main")).toMatch(/^front_main-[0-9a-f]{8}$/);
    expect(name("front+main")).not.toBe(name("front/main"));
    expect(name("#")).toMatch(/^camera-[0-9a-f]{8}$/);
    expect(name("Tür")).toMatch(/^T_r-[0-9a-f]{8}$/);
    expect(name("front.1")).toMatch(/^front_1-[0-9a-f]{8}$/);
  });

  test("the program's own segments are never a camera's", () => {
    for (const id of ["bridge", "cmd", "status"]) expect(name(id)).toMatch(new RegExp(`^${id}-[0-9a-f]{8}$`));
  });

  test("always one level, fit for an object id, and different for different ids", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 90, unit: "binary" }), { minLength: 2, maxLength: 20 }), (ids) => {
        const names = ids.map(name);
        for (const one of names) expect(one).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);
        expect(new Set(names).size).toBe(ids.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe("what a filter covers", () => {
  test.each([
    ["a/b", "a/b", true],
    ["a/b", "a/+", true],
    ["a/b", "a/#", true],
    ["a", "a/#", true],
    ["a/b/c", "a/+", false],
    ["a/b/c", "+/b/+", true],
    ["a/b/c", "a/#", true],
    ["a", "a/+", false],
    ["a/", "a/+", true],
    ["a/b", "a", false],
    ["a", "a/b", false],
    ["$SYS/broker", "#", false],
    ["$SYS/broker", "+/broker", false],
    ["$SYS/broker", "$SYS/#", true],
  ])("%s by %s: %s", (topic, filter, covered) => {
    expect(isCovered(topic, filter)).toBe(covered);
  });
});
