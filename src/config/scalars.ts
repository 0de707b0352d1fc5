import { z } from "zod";
import { type IpAddress, isHostAddress, type MacAddress, type Network, parseIp, parseMac, parseNetwork } from "../domain/addresses.ts";
import { type Duration, milliseconds, parseDuration } from "../domain/duration.ts";
import { Secret } from "./secret.ts";

// Every scalar also reads its text form, because environment variables have no other. Messages never repeat a value that may be secret.

const YES = new Set(["true", "yes", "on", "1"]);
const NO = new Set(["false", "no", "off", "0"]);

/** A switch: `true`, `yes`, `on`, `1` and their opposites (YAML 1.2 leaves `on` and `yes` as text). */
export const flag = z.preprocess(
  (value) => {
    if (typeof value !== "string") return value;
    const word = value.trim().toLowerCase();
    return YES.has(word) ? true : NO.has(word) ? false : value;
  },
  z.boolean({ error: "must be true or false" }),
);

function numeric(value: unknown): unknown {
  return typeof value === "string" && /^\d{1,15}(?:\.\d+)?$/.test(value.trim()) ? Number(value) : value;
}

/** A whole number between two bounds, both included. */
export function whole(least: number, most: number): z.ZodType<number, unknown> {
  const message = `must be a whole number from ${least} to ${most}`;
  return z.preprocess(numeric, z.int({ error: message }).min(least, message).max(most, message));
}

/** A text without line breaks. Numbers are refused rather than guessed at: YAML would turn 0123 into 123. */
export const text = z
  .string({ error: (issue) => (issue.input === undefined ? "is missing" : "must be text; write it in quotes") })
  .refine((value) => !/[\r\n]/.test(value), "must be one line");

/** A port, or `none` where nothing is to listen. */
export const portOrNone: z.ZodType<number | "none", unknown> = read((value) => {
  const number = value === "none" ? value : numeric(value);
  const fits = number === "none" || (typeof number === "number" && Number.isInteger(number) && number >= 1 && number <= 65_535);
  return fits ? { value: number } : "must be a port from 1 to 65535, or none";
});

/** A span of time within bounds, as `30s` or `1m30s`. */
export function span(least: string, most: string): z.ZodType<Duration, unknown> {
  const [from, to] = [parseDuration(least) ?? milliseconds(0), parseDuration(most) ?? milliseconds(Infinity)];
  return read((value) => {
    const parsed = typeof value === "string" ? parseDuration(value) : undefined;
    if (parsed === undefined) return "must be a time with its unit, such as 30s, 5m or 1m30s";
    return parsed < from || parsed > to ? `must be from ${least} to ${most}` : { value: parsed };
  });
}

const SIZES: Readonly<Record<string, number>> = {
  "": 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** A number of bytes, plain or as `20GB` or `512MiB`. */
export const bytes: z.ZodType<number, unknown> = read((value) => {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([kmgt]i?b)?$/i.exec(String(value).trim()) ?? [];
  const size = count === undefined ? Number.NaN : Number(count) * (SIZES[(unit ?? "").toLowerCase()] ?? Number.NaN);
  return Number.isSafeInteger(Math.round(size)) ? { value: Math.round(size) } : "must be a number of bytes, such as 20GB or 512MiB";
});

export const mac: z.ZodType<MacAddress, unknown> = read((value) => {
  if (typeof value === "number") return "must be a MAC address in quotes: YAML reads twelve digits as a number";
  const parsed = typeof value === "string" ? parseMac(value) : undefined;
  return parsed === undefined
    ? `${quoted(value)} is not a MAC address: six pairs of hexadecimal digits, such as 0c:79:55:4b:d4:2a`
    : { value: parsed };
});

export const address: z.ZodType<IpAddress, unknown> = read((value) => {
  const parsed = typeof value === "string" ? parseIp(value.trim()) : undefined;
  return parsed === undefined || !isHostAddress(parsed)
    ? `${quoted(value)} is not an IPv4 address of a host, such as 192.168.1.50`
    : { value: parsed };
});

/** A network of at most 65,536 addresses: larger ones are not searched. */
export const network: z.ZodType<Network, unknown> = read((value) => {
  const parsed = typeof value === "string" ? parseNetwork(value.trim()) : undefined;
  if (parsed === undefined) return `${quoted(value)} is not an IPv4 network, such as 192.168.1.0/24`;
  return parsed.prefix < 16 ? `${quoted(value)} is larger than a /16 and would not be searched` : { value: parsed };
});

/** The name of a camera in topics, folders and addresses of pages. */
export const identifier = text.refine((value) => /^[A-Za-z0-9][\w.-]{0,63}$/.test(value), {
  error: "must begin with a letter or digit and hold only letters, digits, dot, hyphen and underscore (at most 64)",
});

/** A text that no output may show. */
export const secret = text.transform((value) => new Secret(value));

/** An address of a service. Credentials have keys of their own, so that they can come from a file. */
export function url(...schemes: readonly string[]): z.ZodType<string, unknown> {
  return read((value) => {
    const parsed = typeof value === "string" ? parseUrl(value) : undefined;
    if (parsed === undefined || !schemes.includes(parsed.protocol.slice(0, -1)) || parsed.hostname === "") {
      return `must be an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`;
    }
    if (parsed.username !== "" || parsed.password !== "")
      return "must hold no user name or password: write them under username and password";
    return { value: String(value).trim() };
  });
}

/** An address that is itself a secret, because it holds credentials or a key: a camera's stream, a webhook. */
export function secretUrl(...schemes: readonly string[]): z.ZodType<Secret<string>, unknown> {
  return read((value) => {
    const scheme = typeof value === "string" ? /^([a-z][a-z0-9+.-]*):\/\/[^\s/?#]/i.exec(value.trim())?.[1]?.toLowerCase() : undefined;
    return scheme !== undefined && schemes.includes(scheme)
      ? { value: new Secret(String(value).trim()) }
      : `must be an address that begins with ${schemes.map((known) => `${known}://`).join(" or ")}`;
  });
}

/** A list; a text is read as its items separated by commas, so that one item needs no brackets. */
export function listOf<Item extends z.ZodType>(item: Item): z.ZodType<z.output<Item>[], unknown> {
  return z.preprocess(
    (value) => (typeof value === "string" ? value.split(",").map((part) => part.trim()) : typeof value === "number" ? [value] : value),
    z.array(item, { error: "must be a list" }).max(1000, "must have at most 1000 entries"),
  );
}

/** A scalar read by a function that gives the value, or the message that a person gets. */
function read<T>(parse: (value: unknown) => { readonly value: T } | string): z.ZodType<T, unknown> {
  return z.unknown().transform((value, context) => {
    const outcome = value === undefined ? "is missing" : parse(value);
    if (typeof outcome !== "string") return outcome.value;
    context.addIssue({ code: "custom", message: outcome });
    return z.NEVER;
  });
}

function quoted(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? JSON.stringify(value) : "this";
}

function parseUrl(value: string): URL | undefined {
  return URL.canParse(value.trim()) ? new URL(value.trim()) : undefined;
}
