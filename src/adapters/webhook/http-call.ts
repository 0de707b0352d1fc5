import { seconds } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import { exchange, whyUnanswered } from "../system/http-exchange.ts";

const LIMIT = seconds(10);

export interface HttpCall {
  readonly url: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  readonly headers: Readonly<Record<string, string>>;
  /** Sent where it is given. */
  readonly body?: string;
}

/**
 * One HTTP call to an address that a person gave. Any 2xx is success; no redirect is followed, and what is answered is not read.
 * @returns why it failed, as the end of a sentence that begins with "it" and without what may be secret; undefined where it did not
 * @throws the signal's reason when aborted
 */
export async function callOnce({ url, headers, ...call }: HttpCall, clock: Clock, signal: AbortSignal): Promise<string | undefined> {
  const deadline = clock.deadline(`call of ${hostOf(url)}`, LIMIT, signal);
  let status: number;
  try {
    const named = { "user-agent": "camera-shepherd", ...headers };
    ({ status } = await exchange({ ...call, url: new URL(url), headers: named, mostBytes: 0 }, deadline));
  } catch (error) {
    signal.throwIfAborted();
    // The cause may name the whole URL: only its code is kept.
    return whyUnanswered(error, deadline, LIMIT);
  }
  if (status >= 300 && status < 400) return `answered ${String(status)}, a redirect: name the address that it leads to`;
  return status < 200 || status >= 300 ? `answered ${String(status)}` : undefined;
}

/** Host and port: path and query may hold a key. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "an address that is none";
}

/** Each entry with a name: its host; a number tells those apart that have the same. */
export function namedByHost<Entry extends { readonly url: { reveal(): string } }>(
  entries: readonly Entry[],
): readonly { readonly entry: Entry; readonly name: string }[] {
  const names = new Set<string>();
  return entries.map((entry) => {
    const host = hostOf(entry.url.reveal());
    let name = host;
    for (let count = 2; names.has(name); count += 1) name = `${host}-${String(count)}`;
    names.add(name);
    return { entry, name };
  });
}
