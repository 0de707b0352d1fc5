/** What came of reading a file that options are in. `why` is for a person and repeats nothing of the content. */
export type FileReading =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly why: string };

/** What options are read from besides the command line; `src/adapters/system/option-files.ts` gives this machine's. */
export interface OptionFiles {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  /** At most 1 MiB of UTF-8. @throws the signal's reason when aborted */
  readonly read: (path: string, signal: AbortSignal) => Promise<FileReading>;
}
