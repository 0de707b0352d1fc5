/** An entry of Core's log with the lines that belong to it. */
export interface LogEntry {
  readonly level: "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";
  readonly logger: string;
  readonly text: string;
}

/** Core's log as it grows. */
export interface CoreLog {
  /** How many entries there are: a place to read on from. */
  length(): number;
  /** Warnings and errors since that place whose text or traceback names one of these words; all of them where none is given. */
  complaints(since: number, words?: readonly string[]): readonly LogEntry[];
  /** Whether an entry since that place holds these words. */
  says(text: string, since?: number): boolean;
  /** The last lines, for messages. */
  tail(lines: number): string;
}

const ENTRY = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}(?:[+-]\d\d:\d\d)? (DEBUG|INFO|WARNING|ERROR|CRITICAL) \([^)]*\) \[([^\]]+)\] /;
const MOST = 50_000;

/** Reads lines into entries; a line without a time belongs to the one before it. */
export function readCoreLog(): { readonly log: CoreLog; readonly onLine: (line: string) => void } {
  const entries: LogEntry[] = [];
  const onLine = (line: string): void => {
    const [, level, logger] = ENTRY.exec(line) ?? [];
    const last = entries.at(-1);
    if (level !== undefined && logger !== undefined) {
      if (entries.length === MOST) throw new Error("Core's log grows without end");
      entries.push({ level: level as LogEntry["level"], logger, text: line });
    } else if (last === undefined) entries.push({ level: "INFO", logger: "", text: line });
    else entries[entries.length - 1] = { ...last, text: `${last.text}\n${line}`.slice(0, 20_000) };
  };
  const severe = new Set(["WARNING", "ERROR", "CRITICAL"]);
  return {
    onLine,
    log: {
      length: () => entries.length,
      complaints: (since, words) =>
        entries
          .slice(since)
          .filter(({ level, text }) => severe.has(level) && (words === undefined || words.some((word) => text.includes(word)))),
      says: (text, since = 0) => entries.slice(since).some((entry) => entry.text.includes(text)),
      tail: (lines) =>
        entries
          .slice(-lines)
          .map(({ text }) => text.slice(0, 1000))
          .join("\n"),
    },
  };
}
