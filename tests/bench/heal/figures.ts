/** What a figure must not exceed, ms. */
export interface Target {
  readonly p50?: number;
  readonly p95?: number;
}

/** Another healer's median for the same figure in the same run. */
export interface Peer {
  readonly name: string;
  /** ms; infinite where it healed less than half of its moves. */
  readonly p50: number;
}

/** One line of the table. */
export interface Row {
  readonly what: string;
  /** One for each move, ms; null where it was not healed in the time that was given. */
  readonly samples: readonly (number | null)[];
  /** Absent where the figure is for comparison only. */
  readonly target?: Target;
  readonly peers?: readonly Peer[];
}

/** The figures of one row, ms; a move that was not healed counts as infinite. */
export interface Figures {
  readonly n: number;
  readonly healed: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/**
 * The value that `share` of the values do not exceed, by the nearest rank: of fewer than 20 values the 95th percentile is the largest.
 * @returns infinity for an empty list
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.POSITIVE_INFINITY;
}

export function figuresOf(samples: Row["samples"]): Figures {
  const values = samples.map((sample) => sample ?? Number.POSITIVE_INFINITY);
  return {
    n: values.length,
    healed: values.filter((value) => Number.isFinite(value)).length,
    p50: percentile(values, 0.5),
    p95: percentile(values, 0.95),
    max: percentile(values, 1),
  };
}

/** Whether every target is met; undefined where there is none. A row without samples meets none. */
export function passes({ samples, target }: Row): boolean | undefined {
  if (target === undefined) return undefined;
  const { p50, p95 } = figuresOf(samples);
  return p50 <= (target.p50 ?? Number.POSITIVE_INFINITY) && p95 <= (target.p95 ?? Number.POSITIVE_INFINITY) && samples.length > 0;
}

/** Seconds with three digits, or `–` where there is no such time. */
export function inSeconds(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  const seconds = ms / 1000;
  return seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1);
}

/** The rows as a table for a person, times in seconds. */
export function table(rows: readonly Row[]): string[] {
  const head = ["seconds", "n", "p50", "p95", "max", "target", "", "beside it"];
  const body = rows.map((row) => {
    const { n, healed, p50, p95, max } = figuresOf(row.samples);
    const passed = passes(row);
    return [
      row.what,
      healed === n ? String(n) : `${healed} of ${n}`,
      inSeconds(p50),
      inSeconds(p95),
      inSeconds(max),
      targetText(row.target),
      passed === undefined ? "" : passed ? "pass" : "MISSED",
      (row.peers ?? []).map((peer) => peerText(p50, peer)).join("; "),
    ];
  });
  const all = [head, ...body];
  const widths = head.map((_, column) => Math.max(...all.map((line) => (line[column] ?? "").length)));
  return all.map((line) =>
    line
      .map((cell, column) => (column > 0 && column < 5 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

function targetText(target: Target | undefined): string {
  return Object.entries(target ?? {})
    .map(([name, limit]: [string, number]) => `${name} ≤ ${inSeconds(limit)}`)
    .join(", ");
}

/** Our median as a multiple of the peer's. */
function peerText(ours: number, { name, p50 }: Peer): string {
  if (!Number.isFinite(p50) || !Number.isFinite(ours)) return `${name} ${inSeconds(p50)}`;
  const ratio = ours / p50;
  return `${ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2)} × ${name} (${inSeconds(p50)})`;
}
