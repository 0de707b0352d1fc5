import { z } from "zod";
import type { Route } from "./route.ts";
import { Problem } from "./schemas.ts";

/** The OpenAPI 3.1 document of these routes. Follows from their schemas, so it cannot say something else. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths = Map.groupBy(routes, ({ path }) => path);
  return {
    openapi: "3.1.0",
    info: { title: "Camera Shepherd", version, description: "What is known of the cameras, and what may be asked for." },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Problem: schemaOf(Problem) },
    },
    paths: Object.fromEntries(
      [...paths].map(([path, all]) => [path, Object.fromEntries(all.map((route) => [route.method, operationOf(route)]))]),
    ),
  };
}

function operationOf(route: Route): object {
  const answers = Object.entries(route.answers).map(([status, { description, schema, type }]) => {
    const shape = schema === undefined ? { type: type === undefined ? "object" : "string" } : schemaOf(schema);
    return [status, { description, content: { [type ?? "application/json"]: { schema: shape } } }] as const;
  });
  const problem = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  return {
    operationId: route.operation,
    summary: route.summary,
    security: route.access === "token" ? [{ token: [] }] : [],
    parameters: [...parametersOf(route.params, "path"), ...parametersOf(route.query, "query")],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: !route.body.safeParse({}).success,
            content: { "application/json": { schema: schemaOf(route.body) } },
          },
        }),
    responses: { ...Object.fromEntries(answers), default: { description: "A problem, as RFC 9457 has it", content: problem } },
  };
}

function parametersOf(schema: z.ZodObject | undefined, place: "path" | "query"): readonly object[] {
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema?.shape ?? {};
  return Object.entries(shape).map(([name, one]) => ({
    name,
    in: place,
    required: !(one instanceof z.ZodOptional),
    schema: schemaOf(one),
  }));
}

function schemaOf(schema: z.core.$ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" });
  return rest;
}
