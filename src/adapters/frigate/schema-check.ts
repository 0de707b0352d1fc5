import type { ErrorObject, ValidateFunction } from "ajv";
import { readYaml } from "../../domain/plain.ts";

/** What a text has wrong that the text before had not, in words; undefined where nothing. */
export type AddedFault = (before: string, after: string) => string | undefined;

/**
 * A check by Frigate's own schema. Many documents run that do not fit their version's schema, so only what a change adds counts. A text that is no YAML
 * is left to whoever reads it.
 */
export async function schemaCheck(schema: Readonly<Record<string, unknown>>): Promise<AddedFault> {
  // Only a Frigate that is reached by HTTP needs it, and only when its document is written.
  const { Ajv } = await import("ajv");
  const validate: ValidateFunction = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false }).compile(schema);
  const faults = (text: string): ReadonlyMap<string, string> | undefined => {
    const document = readYaml(text);
    if (document === undefined) return undefined;
    validate(document);
    return new Map((validate.errors ?? []).map((error) => [keyOf(error), wordsOf(error)]));
  };
  return (before, after) => {
    const [had, has] = [faults(before), faults(after)];
    if (had === undefined || has === undefined) return undefined;
    for (const [key, words] of has) if (!had.has(key)) return words;
    return undefined;
  };
}

function keyOf({ instancePath, keyword, params }: ErrorObject): string {
  return JSON.stringify([instancePath, keyword, params]);
}

function wordsOf({ instancePath, message = "is not valid" }: ErrorObject): string {
  return `${instancePath.slice(1).replaceAll("/", ".") || "the document"} ${message}`;
}
