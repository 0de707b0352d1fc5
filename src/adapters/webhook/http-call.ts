import type { IncomingMessage } from "node:http";
import { seconds } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";

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
export async function callOnce(call: HttpCall, clock: Clock, signal: AbortSignal): Promise<string | undefined> {
  const deadline = clock.deadline(`call of ${hostOf(call.url)}`, LIMIT, signal);
  let status: number;
  try {
    status = await exchange(call, deadline);
  } catch (error) {
    signal.throwIfAborted();
    // The cause may name the whole URL: only its code is kept.
    return deadline.aborted ? `did not answer within ${String(LIMIT / 1000)} s` : `cannot be reached${codeOf(error)}`;
  }
  if (status >= 300 && status < 400) return `answered ${String(status)}, a redirect: name the address that it leads to`;
  return status < 200 || status >= 300 ? `answered ${String(status)}` : undefined;
}

async function exchange({ url, method, headers, body }: HttpCall, signal: AbortSignal): Promise<number> {
  const address = new URL(url);
  const { request } = address.protocol === "https:" ? await import("node:https") : await import("node:http");
  const call = request(address, { method, headers: { "user-agent": "camera-shepherd", ...headers }, signal, agent: false });
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

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && code !== "ABORT_ERR" ? ` (${code})` : "";
}
