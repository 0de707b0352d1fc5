import { type Duration, minutes, seconds } from "./duration.ts";

/** A rate that is measured again and again, and what is shown of it. */
export interface SteadyRate {
  /** Bytes at the beginning of the window, and when that was. */
  readonly from: { readonly bytes: number; readonly at: Duration };
  /** kbit/s; absent until it was measured. */
  readonly shown?: number;
  readonly shownAt?: Duration;
}

/** A rate is a mean over so long. */
const WINDOW = seconds(10);
/** What is shown changes by this share at least, and no more often than this: pictures differ in size all the time. */
const MATTERS = 0.25;
const CHANGES_EVERY = minutes(1);

/** @param bytes counted since the connection began; fewer than before: it is another connection */
export function nextRate(before: SteadyRate | undefined, bytes: number, now: Duration): SteadyRate {
  if (before === undefined || bytes < before.from.bytes) return { ...before, from: { bytes, at: now } };
  const span = now - before.from.at;
  if (span < WINDOW) return before;
  const from = { bytes, at: now };
  const measured = Math.round(((bytes - before.from.bytes) * 8) / span);
  const { shown, shownAt } = before;
  const isYoung = shownAt !== undefined && now - shownAt < CHANGES_EVERY;
  if (shown !== undefined && (isYoung || Math.abs(measured - shown) <= shown * MATTERS)) return { ...before, from };
  return { from, shown: measured, shownAt: now };
}

/** A count per second that is shown in whole numbers and changes only by one or more: 4.9, 5.1 and 5.6 are 5. */
export function steadyCount(shown: number | undefined, measured: number): number {
  return shown !== undefined && Math.abs(measured - shown) < 1 ? shown : Math.round(measured);
}
