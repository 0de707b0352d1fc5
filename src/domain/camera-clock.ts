import { type Duration, formatDuration, milliseconds, seconds } from "./duration.ts";

/** Cameras tell their time to the second; what is further off than this stands wrong in recordings. */
const TOLERANCE = seconds(10);

/** @param offset how far the camera's clock is ahead of ours; negative: behind */
export function isClockOff(offset: Duration): boolean {
  return Math.abs(offset) > TOLERANCE;
}

/** `2 h 1 min ahead`, for a sentence. */
export function clockWords(offset: Duration): string {
  return `${formatDuration(milliseconds(Math.abs(offset)))} ${offset > 0 ? "ahead" : "behind"}`;
}
