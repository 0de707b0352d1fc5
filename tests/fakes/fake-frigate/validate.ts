import { Ajv, type ValidateFunction } from "ajv";
import { load, YAML11_SCHEMA } from "js-yaml";

/**
 * Checks a text as `POST config/save` does, and words it so: undefined where it is valid (frigate/api/app.py, config_save).
 * The schema stands for pydantic here; what pydantic checks beyond it is not checked.
 */
export function validator(schema: Readonly<Record<string, unknown>>): (text: string) => string | undefined {
  const check = compiled(schema);
  return (text) => {
    let document: unknown;
    try {
      document = parseDocument(text);
    } catch (error) {
      const words = error instanceof Error ? error.message.replaceAll("<", "&lt;") : "";
      return `Traceback (most recent call last):\n  File &quot;/opt/frigate/frigate/api/app.py&quot;\nruamel.yaml.parser.ParserError: ${words}`;
    }
    if (check(document)) return undefined;
    return (check.errors ?? [])
      .map((error) => {
        const parts = error.instancePath.split("/").slice(1);
        const last = error.params["additionalProperty"] as string | undefined;
        const path = last === undefined ? parts : [...parts, last];
        return `Line ${lineOf(text, path.at(-1) ?? "")}: ${path.join(" -> ")} - ${error.message ?? error.keyword}`;
      })
      .join("\n");
  };
}

/** As Frigate reads YAML and JSON, duplicate keys refused. */
export function parseDocument(text: string): unknown {
  return load(text.replace(/^\u{feff}/u, ""), { schema: YAML11_SCHEMA });
}

/** Frigate counts lines from 0 (ruamel's lc.line). */
function lineOf(text: string, key: string): number {
  return Math.max(
    0,
    text.split("\n").findIndex((line) => line.includes(`${key}:`)),
  );
}

const known = new WeakMap<object, ValidateFunction>();

/** Compiling takes a tenth of a second: once a schema. */
function compiled(schema: Readonly<Record<string, unknown>>): ValidateFunction {
  const check = known.get(schema) ?? new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false }).compile(schema);
  known.set(schema, check);
  return check;
}
