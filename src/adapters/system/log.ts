import { destination, pino } from "pino";
import type { DestinationStream } from "pino";
import { maskCredentials } from "../../domain/mask.ts";
import { shortened } from "../../domain/short-words.ts";
import type { Log, LogFields } from "../../ports/log.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface LogOptions {
  readonly level: LogLevel;
  /** Where the lines go; standard error where absent, so that standard output stays the commands' own. */
  readonly stream?: DestinationStream;
}

type Plain = string | number | boolean | undefined | readonly Plain[] | { readonly [key: string]: Plain };

/** One line stays readable, and a device that answers with megabytes does not fill the disk. */
const LONGEST_TEXT = 4096;
const DEEPEST_CAUSE = 4;
const MASK = "***";

/** Fields whose whole value is a secret, wherever they turn up. */
const SECRET_FIELDS = [
  "password",
  "passwd",
  "pass",
  "secret",
  "token",
  "authorization",
  "cookie",
  "api_key",
  "apiKey",
  "access_key_id",
  "secret_access_key",
] as const;

/** One JSON object a line (`time` in ISO 8601, `level` as a word), written at once; every text in it is masked and bounded. */
export function createLog(options: LogOptions): Log {
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: MASK },
    },
    options.stream ?? destination({ fd: 2, sync: true }),
  );
  return {
    debug: (message, fields) => logger.debug(plainFields(fields), presentable(message)),
    info: (message, fields) => logger.info(plainFields(fields), presentable(message)),
    warn: (message, fields) => logger.warn(plainFields(fields), presentable(message)),
    error: (message, fields) => logger.error(plainFields(fields), presentable(message)),
  };
}

function plainFields(fields: LogFields = {}): Record<string, Plain> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
}

function plain(value: LogFields[string]): Plain {
  if (typeof value === "string") return presentable(value);
  if (value instanceof Error) return plainError(value, 0);
  return typeof value === "object" ? value.map(presentable) : value;
}

function plainError(error: Error, depth: number): Plain {
  const reason: unknown = "reason" in error ? error.reason : undefined;
  const code: unknown = "code" in error ? error.code : undefined;
  return {
    type: presentable(error.name),
    message: presentable(error.message),
    ...(typeof reason === "string" ? { reason: presentable(reason) } : {}),
    ...(typeof code === "string" || typeof code === "number" ? { code: typeof code === "string" ? presentable(code) : code } : {}),
    stack: presentable(error.stack ?? ""),
    ...(error.cause instanceof Error && depth < DEEPEST_CAUSE ? { cause: plainError(error.cause, depth + 1) } : {}),
  };
}

function presentable(text: string): string {
  return shortened(maskCredentials(text), LONGEST_TEXT);
}
