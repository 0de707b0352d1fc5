import { list, plains, readJson } from "../domain/plain.ts";

/** A note that hangs on a board, as it is remembered over a restart. */
export interface Hung {
  /** The run of the board in which it was hung up or seen. */
  readonly run: string;
  /** Ids of the entries that it stands for. */
  readonly entries: readonly string[];
}

export function writeHung(hung: ReadonlyMap<string, Hung>): string {
  return JSON.stringify([...hung].map(([id, { run, entries }]) => ({ id, run, entries })));
}

/** What was written; whatever of it is of another form (an older or newer program's) is left out. */
export function readHung(text: string | undefined): ReadonlyMap<string, Hung> {
  const all = plains(readJson(text ?? "")).flatMap(({ id, run, entries }): (readonly [string, Hung])[] => {
    if (typeof id !== "string" || typeof run !== "string") return [];
    return [[id, { run, entries: list(entries).filter((entry) => typeof entry === "string") }]];
  });
  return new Map(all);
}
