import { expect, it } from "vitest";
import { milliseconds } from "../../src/domain/duration.ts";
import { type FrameHealth, nextFrameHealth } from "../../src/domain/frame-health.ts";

/** What each look makes of it: the kind, and `!` where the camera is looked at. */
function through(looks: readonly (readonly [second: number, perSecond: number, isOn?: boolean])[]): readonly string[] {
  let health: FrameHealth | undefined;
  return looks.map(([second, perSecond, isOn = true]) => {
    const verdict = nextFrameHealth(health, { perSecond, isOn }, milliseconds(second * 1000));
    health = verdict.health;
    return `${health?.kind ?? "none"}${verdict.look ? "!" : ""}`;
  });
}

it("is dead after more than twenty seconds without frames, in two looks at least, and lives with the first frame", () => {
  expect(
    through([
      [0, 5],
      [10, 0],
      [20, 0],
      [30, 0],
      [31, 0],
      [40, 0],
      [50, 0.1],
      [60, 0],
      [85, 0],
    ]),
  ).toEqual(["live", "live", "live", "live", "dead!", "dead", "live", "live", "dead!"]);
});

it("looks at the camera again each minute while it is dead", () => {
  const looks = Array.from({ length: 16 }, (_, index) => [index * 10, 0] as const);
  expect(through(looks).flatMap((one, index) => (one.endsWith("!") ? [index * 10] : []))).toEqual([30, 90, 150]);
});

it("expects nothing of a camera that is off, nor holds the time before against it", () => {
  expect(
    through([
      [0, 0],
      [30, 0, false],
      [40, 0],
      [60, 0],
      [61, 0],
    ]),
  ).toEqual(["unknown", "none", "unknown", "unknown", "dead!"]);
});

it("counts no looks together between which more than a minute passed", () => {
  expect(
    through([
      [0, 0],
      [61, 0],
      [82, 0],
    ]),
  ).toEqual(["unknown", "unknown", "dead!"]);
});
