import type { IncomingMessage } from "node:http";
import { seconds } from "../../domain/duration.ts";
import type { HealedMove } from "../../domain/healed-move.ts";
import type { Clock } from "../../ports/clock.ts";
import { type MovedHook, MovedHookError } from "../../ports/moved-hook.ts";

const LIMIT = seconds(10);

interface MovedWebhookOptions {
  readonly name: string;
  readonly url: { reveal(): string };
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  readonly headers: Readonly<Record<string, { reveal(): string }>>;
  readonly clock: Clock;
}

/** The hooks of the options. Each is called as its host; a number tells those apart that have the same. */
export function movedWebhooks(
  entries: readonly Pick<MovedWebhookOptions, "url" | "method" | "headers">[],
  clock: Clock,
): readonly MovedHook[] {
  const names = new Set<string>();
  return entries.map(({ url, method, headers }) => {
    const host = hostOf(url.reveal());
    let name = host;
    for (let count = 2; names.has(name); count += 1) name = `${host}-${count}`;
    names.add(name);
    return new MovedWebhook({ name, url, method, headers, clock });
  });
}

/**
 * An HTTP call for each healed move: JSON with `camera`, `name`, `mac`, `from`, `to`, `at` (ISO 8601) and `evidence`; GET carries none. Any 2xx is
 * success. No redirect is followed, and what is answered is not read.
 */
class MovedWebhook implements MovedHook {
  readonly name: string;
  readonly #options: MovedWebhookOptions;

  constructor(options: MovedWebhookOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get place(): string {
    return hostOf(this.#options.url.reveal());
  }

  async call(move: HealedMove, signal: AbortSignal): Promise<void> {
    const { clock, method } = this.#options;
    const deadline = clock.deadline(`webhook ${this.name}`, LIMIT, signal);
    let status: number;
    try {
      status = await this.#exchange(method === "GET" ? undefined : bodyOf(move), deadline);
    } catch (error) {
      signal.throwIfAborted();
      // The cause may name the whole URL: only its code is kept.
      throw new MovedHookError(deadline.aborted ? `did not answer within ${String(LIMIT / 1000)} s` : `cannot be reached${codeOf(error)}`);
    }
    if (status >= 300 && status < 400)
      throw new MovedHookError(`answered ${String(status)}, a redirect: name the address that it leads to`);
    if (status < 200 || status >= 300) throw new MovedHookError(`answered ${String(status)}`);
  }

  async #exchange(body: string | undefined, signal: AbortSignal): Promise<number> {
    const { url, method, headers } = this.#options;
    const address = new URL(url.reveal());
    const { request } = address.protocol === "https:" ? await import("node:https") : await import("node:http");
    const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
    const content = body === undefined ? {} : { "content-type": "application/json" };
    const call = request(address, { method, headers: { "user-agent": "camera-shepherd", ...content, ...own }, signal, agent: false });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      call.once("response", resolve);
      call.once("error", reject);
    });
    call.end(body);
    const response = await answered;
    call.on("error", () => undefined);
    response.on("error", () => undefined);
    response.destroy();
    return response.statusCode ?? 0;
  }
}

/** Host and port: path and query may hold a key. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "an address that is none";
}

function bodyOf({ at, ...move }: HealedMove): string {
  return JSON.stringify({ ...move, at: new Date(at).toISOString() });
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code !== "ABORT_ERR" ? ` (${code})` : "";
}
