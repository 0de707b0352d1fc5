export interface Row {
  readonly what: string;
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly most: number;
}

/** @param values in seconds */
export function rowOf(what: string, values: readonly number[]): Row {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): number => Math.round((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN) * 1000) / 1000;
  return { what, n: values.length, p50: at(0.5), p95: at(0.95), most: at(1) };
}
