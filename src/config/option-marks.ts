import { z } from "zod";

/** An option that this release acts on. */
export function now<S extends z.ZodType>(description: string, schema: S): S {
  return schema.meta({ description });
}

/** One that is read and validated but has no effect yet, so that no document breaks when it gets one. */
export function later<S extends z.ZodType>(description: string, schema: S): S {
  return schema.meta({ description, later: true });
}

export const oneOf = <const Word extends string>(...words: readonly [Word, ...Word[]]) => z.enum(words);
