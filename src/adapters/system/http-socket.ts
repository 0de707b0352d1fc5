import { createServer, type RequestListener, type Server } from "node:http";
import { once } from "node:events";
import { seconds } from "../../domain/duration.ts";
import type { Clock } from "../../ports/clock.ts";

/** Slow senders are cut off: header and request each have their time, whatever trickles in. */
const HEADERS_WITHIN_MS = 5000;
const REQUEST_WITHIN_MS = 15_000;
const CHECKED_EVERY_MS = 1000;
/** Longer than aiohttp keeps a connection pooled (15 s), so that Home Assistant's proxy does not meet one that we have just closed. */
const KEPT_ALIVE_MS = 20_000;
const LONGEST_HEADER = 16 * 1024;
const MOST_CONNECTIONS = 128;
/** What is being answered may be finished for so long at the end. */
const FINISH_WITHIN = seconds(4);

export interface ListeningSocket {
  readonly port: number;
  /** Resolves when it has ended; rejects where it failed by itself. */
  readonly ended: Promise<void>;
}

/**
 * Listens until the signal aborts, then finishes what is being answered for at most 4 s and cuts off the rest.
 * @param where `port` 0: a free one
 * @throws the system's error where the port is taken or forbidden, or the address is not of this machine
 */
export async function listenHttp(
  handler: RequestListener,
  where: { readonly host: string; readonly port: number },
  clock: Clock,
  signal: AbortSignal,
): Promise<ListeningSocket> {
  signal.throwIfAborted();
  const server = createServer(
    {
      headersTimeout: HEADERS_WITHIN_MS,
      requestTimeout: REQUEST_WITHIN_MS,
      connectionsCheckingInterval: CHECKED_EVERY_MS,
      keepAliveTimeout: KEPT_ALIVE_MS,
      maxHeaderSize: LONGEST_HEADER,
    },
    handler,
  );
  server.maxConnections = MOST_CONNECTIONS;
  // A response that nobody reads is cut off too.
  server.setTimeout(2 * KEPT_ALIVE_MS);
  server.listen({ host: where.host.replaceAll(/^\[|\]$/g, ""), port: where.port });
  try {
    await once(server, "listening", { signal });
  } catch (error) {
    server.close();
    throw error;
  }
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : where.port;
  return { port, ended: endOf(server, clock, signal) };
}

async function endOf(server: Server, clock: Clock, signal: AbortSignal): Promise<void> {
  const closed = once(server, "close");
  const over = new AbortController();
  const finish = (): void => {
    server.close();
    clock
      .deadline("finish answering", FINISH_WITHIN, over.signal)
      .addEventListener("abort", () => server.closeAllConnections(), { once: true });
  };
  if (signal.aborted) finish();
  else signal.addEventListener("abort", finish, { once: true });
  try {
    await closed;
  } finally {
    signal.removeEventListener("abort", finish);
    over.abort();
  }
}
