import { z } from "zod";
import { Options } from "./options.ts";

/** One option that a person can set. */
export interface Key {
  /** Path with `[]` for an entry of a list and `NAME` for a free name: `cameras[].mac`, `health.streams.NAME.interval`. */
  readonly path: string;
  readonly description: string;
  /** True where this release reads the option but does not act on it. */
  readonly later: boolean;
  /** As a document would hold it; absent where there is none. */
  readonly fallback?: unknown;
  /** The words it can be; empty where it is not a choice. */
  readonly choices: readonly string[];
}

/** Where a value stands in a document: keys, and positions in lists. */
export type OptionPath = readonly (string | number)[];

/** The path as people write it: `cameras[0].mac[1]`. */
export function formatPath(path: OptionPath): string {
  return path.reduce<string>((text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`), "");
}

/** Every option there is, in the order of the schema. */
export function everyKey(): readonly Key[] {
  return below(Options, "");
}

/** The keys that the group at `path` knows; empty where its keys are free names or there is no such group. */
export function keysAt(path: OptionPath): readonly string[] {
  const schema = at(path);
  return schema instanceof z.ZodObject ? [...shapeOf(schema).keys()] : [];
}

/** The words that the option at `path` can be; empty where it is not a choice. */
export function choicesAt(path: OptionPath): readonly string[] {
  const schema = at(path);
  return schema instanceof z.ZodEnum ? schema.options.map(String) : [];
}

/** Whether this release reads the option at `path` but does not act on it. */
export function isLater(path: OptionPath): boolean {
  return path.some((_, index) => {
    const schema = schemaAt(path.slice(0, index + 1));
    return schema !== undefined && z.globalRegistry.get(schema)?.["later"] === true;
  });
}

function at(path: OptionPath): z.core.$ZodType | undefined {
  const schema = schemaAt(path);
  return schema === undefined ? undefined : bare(schema);
}

function schemaAt(path: OptionPath): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = Options;
  for (const part of path) {
    const inner: z.core.$ZodType | undefined = schema === undefined ? undefined : bare(schema);
    if (inner instanceof z.ZodObject) schema = typeof part === "string" ? shapeOf(inner).get(part) : undefined;
    else if (inner instanceof z.ZodArray) schema = inner.element;
    else if (inner instanceof z.ZodRecord) schema = inner.valueType;
    else return undefined;
  }
  return schema;
}

function shapeOf(group: z.ZodObject): ReadonlyMap<string, z.core.$ZodType> {
  const shape: Readonly<Record<string, z.core.$ZodType>> = group.shape;
  return new Map(Object.entries(shape));
}

/** The schema without what makes it optional, gives it a default or prepares its input. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault)
    return bare(schema.def.innerType);
  if (schema instanceof z.ZodPipe && schema.in instanceof z.ZodTransform) return bare(schema.out);
  return schema;
}

function below(schema: z.core.$ZodType, path: string): readonly Key[] {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) {
    return [...shapeOf(inner)].flatMap(([name, child]) => below(child, path === "" ? name : `${path}.${name}`));
  }
  if (inner instanceof z.ZodArray && bare(inner.element) instanceof z.ZodObject) return below(inner.element, `${path}[]`);
  if (inner instanceof z.ZodRecord && bare(inner.valueType) instanceof z.ZodObject) return below(inner.valueType, `${path}.NAME`);
  const meta = z.globalRegistry.get(schema) ?? {};
  const choices = inner instanceof z.ZodEnum ? inner.options.map(String) : [];
  const key = { path, description: meta.description ?? "", later: meta["later"] === true, choices };
  const fallback = fallbackOf(schema);
  return [fallback === undefined ? key : { ...key, fallback }];
}

function fallbackOf(schema: z.core.$ZodType): unknown {
  if (schema instanceof z.ZodPrefault) return schema.def.defaultValue;
  return schema instanceof z.ZodOptional ? fallbackOf(schema.def.innerType) : undefined;
}
