import { MAC_LIST_FORMATS, type MacListFormat, RESERVATION_FORMATS, type ReservationFormat } from "../domain/list-formats.ts";

/** What `export` was asked for. Without a format it is for programs (`--json`). */
export interface ExportWords {
  readonly format?: ReservationFormat;
  readonly out?: string;
  readonly force: boolean;
}

/** What `import` was asked for. Without a format it is told by the content. */
export interface ImportWords {
  readonly file: string;
  readonly format?: MacListFormat;
  readonly dryRun: boolean;
  readonly force: boolean;
}

type Flags = ReadonlyMap<string, readonly string[]>;

/** @returns the complaint where the words are no such command */
export function readExport([what]: readonly string[], flags: Flags): ExportWords | string {
  if (what !== "reservations") return `export hands out reservations, not ${JSON.stringify(what)} (camera-shepherd export --help)`;
  const format = choiceOf("--format", RESERVATION_FORMATS, flags);
  if (!format.ok) return format.message;
  if (format.word === undefined && !flags.has("--json"))
    return `export needs --format: one of ${RESERVATION_FORMATS.join(", ")}; or --json`;
  const [out] = flags.get("--out") ?? [];
  const named = { ...(format.word === undefined ? {} : { format: format.word }), ...(out === undefined ? {} : { out }) };
  return { ...named, force: flags.has("--force") };
}

/** @returns the complaint where the words are no such command */
export function readImport([file = ""]: readonly string[], flags: Flags): ImportWords | string {
  const format = choiceOf("--format", MAC_LIST_FORMATS, flags);
  if (!format.ok) return format.message;
  const named = format.word === undefined ? {} : { format: format.word };
  return { file, ...named, dryRun: flags.has("--dry-run"), force: flags.has("--force") };
}

/** The flag's value as one of the words that it can be. */
function choiceOf<const Word extends string>(
  flag: string,
  words: readonly Word[],
  flags: Flags,
): { readonly ok: true; readonly word?: Word } | { readonly ok: false; readonly message: string } {
  const [written] = flags.get(flag) ?? [];
  if (written === undefined) return { ok: true };
  const word = words.find((known) => known === written);
  return word === undefined
    ? { ok: false, message: `${flag} is one of ${words.join(", ")}, not ${JSON.stringify(written)}` }
    : { ok: true, word };
}
