import type { Clock } from "../../ports/clock.ts";
import { type MovedHook, MovedHookError, type ToldMove } from "../../ports/moved-hook.ts";
import { callOnce, hostOf, namedByHost } from "./http-call.ts";

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
  return namedByHost(entries).map(({ entry, name }) => new MovedWebhook({ ...entry, name, clock }));
}

/**
 * An HTTP call for each healed move: JSON with `id`, `camera`, `name`, `mac`, `from`, `to`, `at` (ISO 8601), `evidence` and, where changes wait for
 * approval, their ids as `unapproved`; GET carries none. Any 2xx is success. No redirect is followed, and what is answered is not read.
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

  async call(move: ToldMove, signal: AbortSignal): Promise<void> {
    const { clock, url, method, headers } = this.#options;
    const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
    const content = method === "GET" ? {} : { "content-type": "application/json" };
    const failure = await callOnce(
      { url: url.reveal(), method, headers: { ...content, ...own }, ...(method === "GET" ? {} : { body: bodyOf(move) }) },
      clock,
      signal,
    );
    if (failure !== undefined) throw new MovedHookError(failure);
  }
}

function bodyOf({ id, at, unapproved, ...move }: ToldMove): string {
  return JSON.stringify({ id, ...move, at: new Date(at).toISOString(), ...(unapproved.length === 0 ? {} : { unapproved }) });
}
