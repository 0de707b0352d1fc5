import { expect, test } from "vitest";
import { isBesideVideo } from "../../src/domain/beside-video.ts";

test.each([
  ["device/front/clock", true],
  ["clock/front", true],
  ["power/front", true],
  ["pin/front", true],
  ["told/front", true],
  ["device/front", false],
  ["device/front/stream", false],
  ["stream/go2rtc/front", false],
  ["camera/frigate/front", false],
])("%s is beside video: %s", (subject, beside) => {
  expect(isBesideVideo(subject)).toBe(beside);
});
