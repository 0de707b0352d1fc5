import type { ErrorObject, ValidateFunction } from "ajv";
import { load, YAML11_SCHEMA } from "js-yaml";

/** Names a schema's fault in a document. */
type Check = (text: string) => ReadonlyMap<string, string> | undefined;

/**
 * What a text has wrong by Frigate's own schema that the text before had not, in words; undefined where nothing. Many documents run that do not fit
 * their version's schema, so only what a change adds counts. A text that is no YAML is left to whoever reads it.
 */
export async function addedFault(schema: Readonly<Record<string, unknown>>, before: string, after: string): Promise<string | undefined> {
  const check = await checkOf(schema);
  const [had, has] = [check(before), check(after)];
  if (had === undefined || has === undefined) return undefined;
  for (const [key, words] of has) if (!had.has(key)) return words;
  return undefined;
}

async function checkOf(schema: Readonly<Record<string, unknown>>): Promise<Check> {
  // Only a Frigate that is reached by HTTP needs it, and only when its document is written.
  const { Ajv } = await import("ajv");
  const validate: ValidateFunction = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false }).compile(schema);
  return (text) => {
    const document = parsed(text);
    if (document === undefined) return undefined;
    validate(document);
    return new Map((validate.errors ?? []).map((error) => [keyOf(error), wordsOf(error)]));
  };
}

function parsed(text: string): unknown {
  try {
    return load(text.replace(/^\u{feff}/u, ""), { schema: YAML11_SCHEMA });
  } catch {
    return undefined;
  }
}

function keyOf({ instancePath, keyword, params }: ErrorObject): string {
  return JSON.stringify([instancePath, keyword, params]);
}

function wordsOf({ instancePath, message = "is not valid" }: ErrorObject): string {
  return `${instancePath.slice(1).replaceAll("/", ".") || "the document"} ${message}`;
}
