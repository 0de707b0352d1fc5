declare const brand: unique symbol;

/** A span of time in whole or fractional milliseconds. Made only by the functions of this file, so a bare number never passes for one. */
export type Duration = number & { readonly [brand]: "Duration" };

/** A point in time: milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly [brand]: "Instant" };

export function milliseconds(count: number): Duration {
  return count as Duration;
}

export function seconds(count: number): Duration {
  return (count * 1000) as Duration;
}

export function minutes(count: number): Duration {
  return seconds(count * 60);
}

export function hours(count: number): Duration {
  return minutes(count * 60);
}

export function instant(epochMilliseconds: number): Instant {
  return epochMilliseconds as Instant;
}

/** The point in time `span` after `at`. */
export function after(at: Instant, span: Duration): Instant {
  return (at + span) as Instant;
}

/** How long after `earlier` `later` is; negative where it is before. */
export function between(earlier: Instant, later: Instant): Duration {
  return (later - earlier) as Duration;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads `250ms`, `30s`, `15m`, `2h`, `7d` and sums of them such as `1m30s`.
 * @returns undefined where the text is not of that form
 */
export function parseDuration(text: string): Duration | undefined {
  const compact = text.trim();
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(compact)) return undefined;
  let total = 0;
  for (const [, count, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) total += Number(count) * (UNITS[unit ?? ""] ?? 0);
  return milliseconds(total);
}

/** A duration as a person says it: `320 ms`, `1.4 s`, `2 min 5 s`, `3 h 2 min`, `4 d 1 h`. */
export function formatDuration(span: Duration): string {
  const ms = Math.abs(span);
  if (ms < 1000) return `${Math.round(span)} ms`;
  if (ms < 59_950) return `${(span / 1000).toFixed(1)} s`;
  const whole = Math.round(span / 1000);
  if (ms < 3_600_000) return join(Math.trunc(whole / 60), "min", whole % 60, "s");
  if (ms < 86_400_000) return join(Math.trunc(whole / 3600), "h", Math.trunc((whole % 3600) / 60), "min");
  return join(Math.trunc(whole / 86_400), "d", Math.trunc((whole % 86_400) / 3600), "h");
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
