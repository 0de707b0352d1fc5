import { load, YAML11_SCHEMA } from "js-yaml";

/** An object that another program wrote: what stands under a name is read by whoever needs it, and may be anything. */
export type Plain = Readonly<Record<string, unknown>>;

export function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object that the value is; an empty one where it is none. */
export function plain(value: unknown): Plain {
  return isPlain(value) ? value : {};
}

/** The list that the value is; an empty one where it is none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The entries of a list as objects; none where it is no list. */
export function plains(value: unknown): readonly Plain[] {
  return list(value).map(plain);
}

/** What the text says as JSON; undefined where it is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the text says as YAML, read as Frigate and go2rtc do; undefined where it is none. */
export function readYaml(text: string): unknown {
  try {
    return load(text, { schema: YAML11_SCHEMA });
  } catch {
    return undefined;
  }
}
