import { minutes } from "../domain/duration.ts";
import type { Clock } from "../ports/clock.ts";
import { type ServerWay, type StreamServer, StreamServerError } from "../ports/stream-server.ts";

/** A way that was chosen is kept so long; then a better one is tried again. */
const KEPT = minutes(1);

/**
 * One go2rtc that may be reached in several ways, the best first: the first that answers is used until it does not, or until a minute has passed.
 * Where none answers, the first one's error is told. `way` says why it is not a better one.
 */
export function firstServer(name: string, ways: readonly [StreamServer, ...StreamServer[]], clock: Clock, document?: string): StreamServer {
  let chosen: { readonly way: StreamServer; readonly at: number; readonly instead?: string } | undefined;
  const choose = async (signal: AbortSignal): Promise<StreamServer> => {
    if (chosen !== undefined && clock.monotonic() - chosen.at < KEPT) return chosen.way;
    let first: StreamServerError | undefined;
    for (const way of ways) {
      try {
        await way.list(signal);
        chosen = { way, at: clock.monotonic(), ...(first === undefined ? {} : { instead: first.message }) };
        return way;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof StreamServerError)) throw error;
        first ??= error;
      }
    }
    throw first ?? new StreamServerError("ServerUnreachable", `${name} does not answer`);
  };
  const by = async <T>(call: (way: StreamServer) => Promise<T>, signal: AbortSignal): Promise<T> => {
    const way = await choose(signal);
    try {
      return await call(way);
    } catch (error) {
      if (error instanceof StreamServerError && error.reason === "ServerUnreachable") chosen = undefined;
      throw error;
    }
  };
  return {
    name,
    document,
    get place() {
      return (chosen?.way ?? ways[0]).place;
    },
    get way(): ServerWay | undefined {
      const way = chosen?.way.way;
      return way === undefined || chosen?.instead === undefined ? way : { ...way, why: `${chosen.instead}; ${way.why}` };
    },
    info: (signal) => by((way) => way.info(signal), signal),
    list: (signal) => by((way) => way.list(signal), signal),
    point: (stream, sources, signal, renew) => by((way) => way.point(stream, sources, signal, renew), signal),
    objection: (stream, sources, signal) => by((way) => way.objection?.(stream, sources, signal) ?? Promise.resolve(undefined), signal),
    watch: (stream, enough, within, signal) => by((way) => way.watch(stream, enough, within, signal), signal),
    picture: (stream, signal) => by((way) => way.picture(stream, signal), signal),
    wouldShadow: (stream, signal) => by((way) => way.wouldShadow(stream, signal), signal),
    removeShadows: (names, signal) => by((way) => way.removeShadows(names, signal), signal),
    configText: (signal) => by((way) => way.configText(signal), signal),
  };
}
