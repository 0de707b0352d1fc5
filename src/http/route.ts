import { z } from "zod";
import { shortened } from "../domain/short-words.ts";
import { requestProblem } from "./problem.ts";

/** What a route answers: JSON, or text of a kind of its own. */
export type Answer =
  | { readonly status: number; readonly json: unknown }
  | { readonly status: number; readonly text: string; readonly type: string };

/** What came with a request, not yet looked at. */
export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  /** Undefined where there was none. */
  readonly body: unknown;
}

/** One path and method: what it takes, what it gives, and who carries it out. The router and the OpenAPI document both follow from it. */
export interface Route {
  readonly method: "get" | "post";
  /** As OpenAPI writes it: `/api/cameras/{camera}`. */
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  /** `open`: also without the token. */
  readonly access: "open" | "token";
  /** It costs something and is limited for each address. */
  readonly isLimited: boolean;
  readonly params: z.ZodObject | undefined;
  readonly query: z.ZodObject | undefined;
  readonly body: z.ZodObject | undefined;
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema?: z.ZodType; readonly type?: string }>>;
  /** Checks the input, then answers. @throws ProblemError */
  run(input: RawInput, signal: AbortSignal): Promise<Answer>;
}

export interface RouteSpec<Params, Query, Body> extends Pick<Route, "method" | "path" | "operation" | "summary" | "answers"> {
  readonly access?: Route["access"];
  readonly isLimited?: boolean;
  readonly params?: z.ZodObject & z.ZodType<Params>;
  readonly query?: z.ZodObject & z.ZodType<Query>;
  /** Where a request brings no body, it counts as an empty object. */
  readonly body?: z.ZodObject & z.ZodType<Body>;
  readonly handle: (input: { readonly params: Params; readonly query: Query; readonly body: Body }, signal: AbortSignal) => Promise<Answer>;
}

/** A route from its parts, the types of its input checked against its schemas. */
export function defineRoute<Params = unknown, Query = unknown, Body = unknown>(spec: RouteSpec<Params, Query, Body>): Route {
  const { method, path, operation, summary, answers, params, query, body } = spec;
  return {
    method,
    path,
    operation,
    summary,
    answers,
    access: spec.access ?? "token",
    isLimited: spec.isLimited ?? method === "post",
    params,
    query,
    body,
    run(input, signal) {
      const checked = {
        params: check(params ?? ANYTHING, input.params, "path") as Params,
        query: check(query ?? NOTHING, input.query, "query") as Query,
        body: check(body ?? NOTHING, input.body === undefined ? {} : input.body, "body") as Body,
      };
      return spec.handle(checked, signal);
    },
  };
}

const NOTHING = z.strictObject({});
const ANYTHING = z.looseObject({});
/** So many mistakes are named. */
const NAMED = 10;

function check(schema: z.ZodType, value: unknown, where: string): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.slice(0, NAMED).map((issue) => ({
    path: [where, ...issue.path.map(String)].join("."),
    message: issue.code === "unrecognized_keys" ? `unknown key ${issue.keys.slice(0, NAMED).map(shown).join(", ")}` : issue.message,
  }));
  const [first] = errors;
  throw requestProblem("BadRequest", first === undefined ? "it is not as documented" : `${first.path}: ${first.message}`, { errors });
}

/** A name that a request brought, as a message may show it. */
function shown(name: string): string {
  return JSON.stringify(shortened(name, 40));
}
