import type { Log, LogFields } from "../../src/ports/log.ts";

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that remembers its lines. */
export class FakeLog implements Log {
  readonly lines: LogLine[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "debug", message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "error", message, fields });
  }

  /** The messages of one level, or of `warn` and worse. */
  messages(level: LogLine["level"] | "loud"): readonly string[] {
    const wanted = level === "loud" ? ["warn", "error"] : [level];
    return this.lines.filter((line) => wanted.includes(line.level)).map((line) => line.message);
  }
}
