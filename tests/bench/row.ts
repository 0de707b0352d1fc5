export interface Row {
  readonly what: string;
  readonly n: number;
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function rowOf(what: string, values: readonly number[]): Row {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (index: number): number => Math.round((sorted[index] ?? Number.NaN) * 1000) / 1000;
  return { what, n: values.length, median: at(Math.floor((sorted.length - 1) / 2)), least: at(0), most: at(sorted.length - 1) };
}
