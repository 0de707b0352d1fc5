export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined | Error>>;

/** Structured log: a static message and fields. Credentials in any string are masked by the adapter. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
