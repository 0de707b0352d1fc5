import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler, type Response } from "express";
import { seconds } from "../domain/duration.ts";
import { maskCredentials } from "../domain/mask.ts";
import { asError } from "../domain/thrown.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Admission } from "./admission.ts";
import { unlessAborted } from "../runtime/unless-aborted.ts";
import { bodyOf } from "./json-body.ts";
import { ProblemError, requestProblem } from "./problem.ts";
import type { Answer, Route } from "./route.ts";

/** A request that brings more is refused. */
const LARGEST_BODY = 64 * 1024;
/** Nobody waits longer for an answer; what was begun goes on, for half of it would be worse than none. */
const ANSWER_WITHIN = seconds(10);

export interface WebParts {
  readonly routes: readonly Route[];
  readonly admission: Admission;
  readonly clock: Clock;
  readonly log: Log;
  /** A request was answered: the documented path, and the status. */
  readonly onAnswer: (route: string, status: number) => void;
}

/** The routes as a web application. It listens nowhere by itself. */
export function createWeb(parts: WebParts, signal: AbortSignal): Express {
  const web = express();
  web.disable("x-powered-by").disable("etag");
  web.set("query parser", "simple").set("case sensitive routing", true).set("strict routing", true);
  web.use(secured);
  for (const [path, routes] of Map.groupBy(parts.routes, (route) => route.path)) {
    const place = path.replaceAll(/\{(\w+)\}/g, ":$1");
    const allowed = routes.flatMap(({ method }) => (method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()]));
    for (const route of routes) {
      const body = express.text({ type: () => true, limit: LARGEST_BODY, inflate: false });
      web[route.method](place, admitted(route, parts), body, answering(route, parts, signal));
    }
    web.all(place, (_request, _response, next) => {
      next(requestProblem("MethodNotAllowed", `use ${allowed.join(", ")}`, { headers: { allow: allowed.join(", ") } }));
    });
  }
  web.use((_request, _response, next) => next(requestProblem("NotFound", "GET /api/openapi.json lists the paths")));
  web.use(failing(parts));
  return web;
}

const secured: RequestHandler = (_request, response, next) => {
  response.set({
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  });
  next();
};

function admitted(route: Route, { admission }: WebParts): RequestHandler {
  return (request, response, next) => {
    locals(response).route = route.path;
    next(
      admission.refusal({
        method: request.method,
        remote: request.socket.remoteAddress,
        host: request.headers.host,
        authorization: request.headers.authorization,
        origin: request.headers.origin,
        site: request.get("sec-fetch-site"),
        isProtected: route.access === "token",
        isLimited: route.isLimited,
      }),
    );
  };
}

function answering(route: Route, parts: WebParts, signal: AbortSignal): RequestHandler {
  return async (request, response) => {
    const limit = parts.clock.deadline(`answer ${route.operation}`, ANSWER_WITHIN, signal);
    const input = {
      params: { ...request.params },
      query: { ...request.query },
      body: bodyOf(request.body, request.is("application/json") === "application/json"),
    };
    const answer = await unlessAborted(route.run(input, route.method === "get" ? limit : signal), limit).catch((error: unknown) => {
      if (signal.aborted) throw requestProblem("Stopping", "it was not asked for to the end");
      throw error;
    });
    send(response, answer);
    parts.onAnswer(route.path, answer.status);
  };
}

function send(response: Response, answer: Answer): void {
  response.status(answer.status);
  if ("text" in answer) response.type(answer.type).send(answer.text);
  else response.type("application/json").send(masked(answer.json));
}

function failing({ log, onAnswer }: WebParts): ErrorRequestHandler {
  return (error: unknown, _request: Request, response: Response, next) => {
    const problem = problemOf(error);
    if (problem.details.status === 500) log.error("a request failed", { route: locals(response).route ?? "other", error: asError(error) });
    onAnswer(locals(response).route ?? "other", problem.details.status);
    if (response.headersSent) {
      next(error);
      return;
    }
    response.set(problem.headers).status(problem.details.status).type("application/problem+json").send(masked(problem.details));
  };
}

/** What went wrong as a problem: ours, what the body's reader says (npm body-parser, `type` of its errors), a path that cannot be decoded. */
function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof DOMException && error.name === "TimeoutError")
    return requestProblem("TimedOut", "no answer in time; what was begun goes on");
  const type: unknown = error instanceof Error && "type" in error ? error.type : undefined;
  const status: unknown = error instanceof Error && "status" in error ? error.status : undefined;
  if (type === "entity.too.large") return requestProblem("BodyTooLarge", `at most ${String(LARGEST_BODY)} bytes`);
  if (status === 415) return requestProblem("NotJson", "as UTF-8 and not compressed");
  if (typeof status === "number" && status >= 400 && status < 500) return requestProblem("BadRequest", "it could not be read");
  return requestProblem("ServerFailed", "the log tells more");
}

function locals(response: Response): { route?: string } {
  return response.locals as { route?: string };
}

/** JSON with every credential in its texts masked, whatever it came from. */
function masked(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === "string" ? maskCredentials(item) : item));
}
