import { load, YAML11_SCHEMA } from "js-yaml";
import { QUARANTINE_SOURCE } from "./stream-source.ts";

/**
 * True where `written` is what go2rtc's own writer made of `meant` at our calls: it drops comments on lines that it replaces, turns a single source
 * into a list (go2rtc internal/app/config.go, internal/streams/api.go), and a stream that we parked stands there as parked.
 */
export function sameMeaning(written: string, meant: string): boolean {
  const [left, right] = [parse(written), parse(meant)];
  return left !== undefined && right !== undefined && equal(listed(left), listed(right));
}

function parse(text: string): unknown {
  try {
    return load(text, { schema: YAML11_SCHEMA });
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The document with every single source of `streams` as a list of one. */
function listed(value: unknown): unknown {
  if (!isRecord(value) || !isRecord(value["streams"])) return value;
  const streams = Object.fromEntries(
    Object.entries(value["streams"]).map(([name, source]) => [name, typeof source === "string" ? [source] : source]),
  );
  return { ...value, streams };
}

function equal(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && left.length === 1 && left[0] === QUARANTINE_SOURCE) return right !== undefined;
  if (Array.isArray(left))
    return Array.isArray(right) && left.length === right.length && left.every((item, index) => equal(item, right[index]));
  if (isRecord(left)) {
    if (!isRecord(right)) return false;
    const keys = Object.keys(left);
    return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && equal(left[key], right[key]));
  }
  return Object.is(left, right) || (left instanceof Date && right instanceof Date && left.getTime() === right.getTime());
}
