import type { ReasonCode } from "../domain/reasons.ts";
import { reasonOf } from "../domain/reasons.ts";

/** What can be wrong with a request itself, whatever is asked for. Everything else has a code of the table in `domain/reasons.ts`. */
const REQUEST_PROBLEMS = {
  BadRequest: { status: 400, title: "The request is not as documented" },
  BadJson: { status: 400, title: "The body is not JSON" },
  TokenMissing: { status: 401, title: "A token is needed" },
  TokenWrong: { status: 401, title: "The token is not the one" },
  HostRefused: { status: 403, title: "The Host header names nobody here" },
  OriginRefused: { status: 403, title: "Pages of other sites may not ask" },
  NotFound: { status: 404, title: "There is nothing at this path" },
  MethodNotAllowed: { status: 405, title: "This method is not for this path" },
  BodyTooLarge: { status: 413, title: "The body is too large" },
  NotJson: { status: 415, title: "The body must be sent as application/json" },
  TooManyRequests: { status: 429, title: "Too many requests" },
  ServerFailed: { status: 500, title: "An unexpected error" },
  Stopping: { status: 503, title: "The program ends" },
  TimedOut: { status: 503, title: "It took too long" },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type RequestProblem = keyof typeof REQUEST_PROBLEMS;

/** Problem details as RFC 9457 has them, with our reason code beside. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly reason: string;
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
  const { status, title } = REQUEST_PROBLEMS[reason];
  const errors = more.errors === undefined ? {} : { errors: more.errors };
  return new ProblemError({ type: typeOf(reason), title, status, detail, reason, ...errors }, more.headers);
}

/** A verb that was refused, with the reason that it gave. */
export function refusalProblem(reason: ReasonCode, message: string): ProblemError {
  const status = reason === "CameraUnknown" || reason === "NotOffered" ? 404 : reason === "AskedTooOften" ? 429 : 409;
  return new ProblemError({ type: typeOf(reason), title: reasonOf(reason).title, status, detail: message, reason });
}

function typeOf(reason: string): string {
  return `urn:camera-shepherd:reason:${reason}`;
}
