import { isGroup } from "./supervisor-rules.ts";

/** One field of the form that Home Assistant makes of `schema`: `network.interfaces`, `cameras.mac`. */
export interface Field {
  readonly path: string;
  /** The type as the Supervisor has it, without the mark of an optional one; `group` where it holds fields. */
  readonly type: string;
  readonly isList: boolean;
  readonly isOptional: boolean;
}

/** Every field of a schema, groups before what is in them. */
export function fieldsOf(schema: unknown, above = ""): readonly Field[] {
  if (!isGroup(schema)) return [];
  return Object.entries(schema).flatMap(([name, element]): readonly Field[] => {
    const path = above === "" ? name : `${above}.${name}`;
    const isList = Array.isArray(element);
    const inner: unknown = isList ? element[0] : element;
    if (typeof inner !== "string") return [{ path, type: "group", isList, isOptional: false }, ...fieldsOf(inner, path)];
    return [{ path, type: inner.replace(/\?$/, ""), isList, isOptional: inner.endsWith("?") }];
  });
}

/** supervisor/apps/options.py, `AppOptions`: what keeps a set of options from starting the app. */
export function missingOptions(schema: unknown, options: unknown, above = ""): readonly string[] {
  if (!isGroup(schema)) return [];
  return Object.entries(schema).flatMap(([name, element]) => {
    const path = above === "" ? name : `${above}.${name}`;
    const inner: unknown = Array.isArray(element) ? element[0] : element;
    const value = isGroup(options) ? options[name] : undefined;
    if (value === undefined) return typeof inner === "string" && inner.endsWith("?") ? [] : [path];
    if (Array.isArray(element)) return Array.isArray(value) ? value.flatMap((entry) => missingOptions(inner, entry, path)) : [path];
    return missingOptions(element, value, path);
  });
}

/** One sentence of a translation, by the path of its field. */
export interface Words {
  readonly name: string;
  readonly description: string | undefined;
}

/**
 * supervisor/apps/validate.py, `SCHEMA_APP_TRANSLATIONS`: `configuration` holds name, description and fields, as deep as they go.
 * @throws where the form is another one
 */
export function wordsOf(configuration: unknown, above = ""): ReadonlyMap<string, Words> {
  if (!isGroup(configuration)) throw new Error(`${above}: no group`);
  return new Map(
    Object.entries(configuration).flatMap(([key, entry]): readonly (readonly [string, Words])[] => {
      const path = above === "" ? key : `${above}.${key}`;
      if (!isGroup(entry) || typeof entry["name"] !== "string") throw new Error(`${path}: has no name`);
      const { name, description, fields, ...rest } = entry;
      if (Object.keys(rest).length > 0) throw new Error(`${path}: ${Object.keys(rest).join(", ")} is dropped by the Supervisor`);
      const words = { name, description: typeof description === "string" ? description : undefined };
      return [[path, words], ...(fields === undefined ? [] : wordsOf(fields, path))];
    }),
  );
}
