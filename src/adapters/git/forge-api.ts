import type { z } from "zod";
import { type Duration, seconds } from "../../domain/duration.ts";
import { list, plain, readJson } from "../../domain/plain.ts";
import { saidWords } from "../../domain/short-words.ts";
import type { Clock } from "../../ports/clock.ts";
import { TargetError } from "../../ports/config-target.ts";
import { exchange, type HttpAnswer, whyUnanswered } from "../system/http-exchange.ts";

const LIMIT = seconds(15);
/** A page of thirty pull requests with long bodies is well under this. */
const LARGEST = 8 * 1024 * 1024;

export interface ForgeApiSettings {
  /** `https://api.github.com`, `https://codeberg.org/api/v1`. */
  readonly baseUrl: string;
  readonly token: { reveal(): string };
  /** What stands before the token, and what else is sent each time. */
  readonly scheme: "Bearer" | "token";
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

interface Answer {
  readonly status: number;
  readonly headers: HttpAnswer["headers"];
  readonly text: string | undefined;
}

/** A server's JSON API, with the token in a header and nowhere else. Redirects are not followed: the token would go with them. */
export class ForgeApi {
  readonly #settings: ForgeApiSettings;

  constructor(settings: ForgeApiSettings) {
    this.#settings = settings;
  }

  /** For a person. */
  get place(): string {
    return URL.canParse(this.#settings.baseUrl) ? new URL(this.#settings.baseUrl).host : "the address under git.api_url, which is none";
  }

  /**
   * One call.
   * @param expected statuses that are values beside 2xx
   * @throws TargetError with the remedy, without the token; the signal's reason when aborted
   */
  async call(
    method: "GET" | "POST" | "PATCH",
    path: string,
    body: object | undefined,
    signal: AbortSignal,
    expected: readonly number[] = [],
  ): Promise<{ readonly status: number; readonly json: unknown }> {
    const { clock } = this.#settings;
    const deadline = clock.deadline(`call of ${this.place}`, LIMIT, signal);
    let answer: Answer;
    try {
      answer = await this.#exchange(method, path, body, deadline);
    } catch (error) {
      signal.throwIfAborted();
      throw new TargetError("GitUnreachable", `the API of ${this.place} ${whyUnanswered(error, deadline, LIMIT)}; it is tried again`);
    }
    const isFine = (answer.status >= 200 && answer.status < 300) || expected.includes(answer.status);
    if (!isFine) throw this.#refusal(answer, clock.now());
    return { status: answer.status, json: this.#parsed(answer) };
  }

  /** @param whose the API that answers so @throws TargetError where this one does not */
  read<Shape extends z.ZodType>(shape: Shape, json: unknown, whose: string): z.output<Shape> {
    const parsed = shape.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new TargetError("PullRequestRefused", `${this.place} does not answer as ${whose} does; correct git.pull_request or git.api_url`);
  }

  async #exchange(method: string, path: string, body: object | undefined, signal: AbortSignal): Promise<Answer> {
    const { baseUrl, token, scheme, headers } = this.#settings;
    const address = new URL(`${baseUrl.replace(/\/+$/, "")}/${path}`);
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const answer = await exchange(
      {
        url: address,
        method,
        headers: {
          "user-agent": "camera-shepherd",
          ...headers,
          authorization: `${scheme} ${token.reveal()}`,
          ...(sent === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(sent === undefined ? {} : { body: sent }),
        mostBytes: LARGEST,
      },
      signal,
    );
    return { status: answer.status, headers: answer.headers, text: answer.body?.toString("utf8") };
  }

  #parsed({ status, text }: Answer): unknown {
    if (text === undefined || text === "") return undefined;
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new TargetError(
        "PullRequestRefused",
        `${this.place} answered ${String(status)} with something else than JSON; correct git.api_url`,
        {
          cause,
        },
      );
    }
  }

  #refusal(answer: Answer, now: number): TargetError {
    const { status } = answer;
    const said = messageIn(answer.text);
    const words = said === "" ? "" : `: ${said}`;
    const wait = rateLimit(answer, now);
    if (wait !== undefined)
      return new TargetError("GitUnreachable", `${this.place} lets this token make no further calls for ${wait}; it is tried again`);
    if (status === 401)
      return new TargetError("GitRefusesLogin", `${this.place} refuses the token for pull requests; give one that is valid (git.token)`);
    if (status === 403)
      return new TargetError(
        "PullRequestRefused",
        `${this.place} does not let this token open pull requests${words}; give it the permission to write pull requests and contents`,
      );
    if (status === 404)
      return new TargetError(
        "PullRequestRefused",
        `${this.place} shows this token no such repository; give the token access to it, or correct git.url or git.api_url`,
      );
    if (status >= 300 && status < 400)
      return new TargetError("PullRequestRefused", `${this.place} leads to another address; name that under git.api_url`);
    if (status >= 500) return new TargetError("GitUnreachable", `${this.place} answered ${String(status)}; it is tried again`);
    return new TargetError("PullRequestRefused", `${this.place} took no pull request (${String(status)})${words}`);
  }
}

/** How long no call may be made, in words (docs.github.com/rest, "Rate limits": 403 or 429, with either header). */
function rateLimit({ status, headers }: Answer, now: number): string | undefined {
  const after = Number(headers["retry-after"]?.[0]);
  const reset = Number(headers["x-ratelimit-reset"]?.[0]) * 1000;
  const isSpent = headers["x-ratelimit-remaining"]?.[0] === "0" || Number.isFinite(after);
  if (status !== 429 && !(status === 403 && isSpent)) return undefined;
  const left = Number.isFinite(after) ? after * 1000 : reset - now;
  return inMinutes((Number.isFinite(left) && left > 0 ? left : 60_000) as Duration);
}

function inMinutes(span: Duration): string {
  const count = Math.max(1, Math.ceil(span / 60_000));
  return count === 1 ? "a minute" : `${String(count)} minutes`;
}

/** What the server says itself: `message`, and GitHub's `errors`. Never long, on one line. */
function messageIn(text: string | undefined): string {
  const { message, errors } = plain(readJson(text ?? ""));
  const details = list(errors).map((entry) => (typeof entry === "string" ? entry : plain(entry)["message"]));
  return saidWords([message, ...details].filter((part) => typeof part === "string" && part !== "").join("; "), 300);
}
