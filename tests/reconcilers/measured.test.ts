import { expect, it } from "vitest";
import { milliseconds, seconds } from "../../src/domain/duration.ts";
import { Measured } from "../../src/reconcilers/measured.ts";
import { id, named } from "./fake-home.ts";

const DEVICE = { id: id("front"), streams: [named("front"), named("front_sub")].map((name) => ({ name, sources: [] })) };

it("knows of a device what its own loops measured, and of its streams the liveliest", () => {
  const measured = new Measured();
  expect(measured.of(DEVICE, ["go2rtc"])).toEqual({});
  measured.noteClock(id("front"), milliseconds(-2500));
  for (const [stream, bytes] of [
    ["front", 5_000_000],
    ["front_sub", 500_000],
    ["other", 50_000_000],
  ] as const) {
    measured.noteBytes("go2rtc", named(stream), 0, seconds(0));
    measured.noteBytes("go2rtc", named(stream), bytes, seconds(10));
  }
  measured.noteFrames(id("front"), "front", 5.2);
  measured.noteFrames(id("front"), "yard", 9.9);
  expect(measured.of(DEVICE, ["go2rtc"])).toEqual({ clockOffset: -2500, bitRate: 4000, fps: 10 });
  expect(measured.of(DEVICE, [])).toEqual({ clockOffset: -2500, fps: 10 });
});

it("forgets what is not measured any more", () => {
  const measured = new Measured();
  measured.noteClock(id("front"), milliseconds(0));
  measured.noteBytes("go2rtc", named("front"), 0, seconds(0));
  measured.noteBytes("go2rtc", named("front"), 5_000_000, seconds(10));
  measured.noteFrames(id("front"), "front", 5);
  measured.noteBytes("go2rtc", named("front"), undefined, seconds(12));
  measured.noteFrames(id("front"), "front", undefined);
  measured.noteFrames(id("front"), "yard", 5);
  measured.forgetFrames("yard");
  expect(measured.of(DEVICE, ["go2rtc"])).toEqual({ clockOffset: 0 });
  measured.noteBytes("go2rtc", named("front"), 0, seconds(20));
  measured.noteBytes("go2rtc", named("front"), 5_000_000, seconds(30));
  measured.forgetStream("go2rtc/front");
  measured.forget(id("front"));
  expect(measured.of(DEVICE, ["go2rtc"])).toEqual({});
});
