import type { ReasonCode } from "../domain/reasons.ts";
import { reasonOf } from "../domain/reasons.ts";

/** What can be wrong with a request itself, whatever is asked for. Everything else has a code of the table in `domain/reasons.ts`. */
const REQUEST_PROBLEMS = {
  BadRequest: {
    status: 400,
    title: "The request is not as documented",
    nextStep: "Compare it with GET /api/openapi.json, which documents every path.",
  },
  BadJson: { status: 400, title: "The body is not JSON", nextStep: "Correct the body at the place that is named." },
  TokenMissing: {
    status: 401,
    title: "A token is needed",
    nextStep: "Send the token that is set under http.token, as docs/http.md shows.",
  },
  TokenWrong: {
    status: 401,
    title: "The token is not the one",
    nextStep: "Send the token that is set under http.token; after a change of the options the program must be started anew.",
  },
  HostRefused: {
    status: 403,
    title: "The Host header names nobody here",
    nextStep: "Ask by the address or by localhost, or set http.token.",
  },
  OriginRefused: { status: 403, title: "Pages of other sites may not ask", nextStep: "Ask from a program, or set http.token and send it." },
  NotFound: { status: 404, title: "There is nothing at this path", nextStep: "GET /api/openapi.json lists the paths." },
  MethodNotAllowed: { status: 405, title: "This method is not for this path", nextStep: "Use a method that the header Allow names." },
  BodyTooLarge: { status: 413, title: "The body is too large", nextStep: "Send no more than is documented in GET /api/openapi.json." },
  NotJson: {
    status: 415,
    title: "The body must be sent as application/json",
    nextStep: "Send the body as application/json in UTF-8, not compressed.",
  },
  TooManyRequests: { status: 429, title: "Too many requests", nextStep: "Ask again after as many seconds as the header Retry-After says." },
  ServerFailed: { status: 500, title: "An unexpected error", nextStep: "Look into the program's log, and ask again." },
  Stopping: { status: 503, title: "The program ends", nextStep: "Ask again once the program runs." },
  TimedOut: { status: 503, title: "It took too long", nextStep: "See in GET /api/status what came of it before it is asked for again." },
} as const satisfies Record<string, { readonly status: number; readonly title: string; readonly nextStep: string }>;

export type RequestProblem = keyof typeof REQUEST_PROBLEMS;

/** Problem details as RFC 9457 has them, with our reason code and the next step beside. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly reason: string;
  /** What whoever asked does next; empty where nothing is to be done. */
  readonly nextStep: string;
  /** What can be asked for about it, as in conditions. */
  readonly ask?: { readonly verb: string };
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** A request that is answered with a problem. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly details: ProblemDetails;
  readonly headers: Readonly<Record<string, string>>;
  constructor(details: ProblemDetails, headers: Readonly<Record<string, string>> = {}) {
    super(details.detail);
    this.details = details;
    this.headers = headers;
  }
}

/** A problem with the request itself. `detail` holds nothing that the request brought but names and positions. */
export function requestProblem(
  reason: RequestProblem,
  detail: string,
  more: { readonly errors?: ProblemDetails["errors"]; readonly headers?: Readonly<Record<string, string>> } = {},
): ProblemError {
  const { status, title, nextStep } = REQUEST_PROBLEMS[reason];
  const errors = more.errors === undefined ? {} : { errors: more.errors };
  return new ProblemError({ type: typeOf(reason), title, status, detail, reason, nextStep, ...errors }, more.headers);
}

/** A verb that was refused, with the reason that it gave. */
export function refusalProblem(reason: ReasonCode, message: string): ProblemError {
  const status = reason === "CameraUnknown" || reason === "NotOffered" ? 404 : reason === "AskedTooOften" ? 429 : 409;
  const { title, nextStep, ask } = reasonOf(reason);
  const verb = ask === undefined ? {} : { ask: { verb: ask } };
  return new ProblemError({ type: typeOf(reason), title, status, detail: message, reason, nextStep, ...verb });
}

function typeOf(reason: string): string {
  return `urn:camera-shepherd:reason:${reason}`;
}
