import { createSocket, type Socket } from "node:dgram";

export interface UdpPlace {
  readonly port: number;
  /** Broadcasts or a group, never the wildcard: of two wildcard sockets with SO_REUSEADDR the later one steals the other's unicast packets. */
  readonly address: string;
}

/**
 * Listens on a port that other programs may share, for as long as `use` goes on.
 * @param use adds its listeners before it waits for anything; `over` ends by the signal's abort, and fails where the socket broke
 * @param refused what is thrown for an error of the socket
 * @throws what `refused` makes where the port may not be bound or the socket broke, and what `use` throws
 */
export async function whileBound(
  place: UdpPlace,
  use: (socket: Socket, over: Promise<void>) => Promise<void>,
  refused: (cause: NodeJS.ErrnoException) => Error,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  const bound = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  // Nobody may be waiting for it yet when the socket breaks.
  over.promise.catch(() => undefined);
  const stop = (): void => over.resolve();
  signal.addEventListener("abort", stop, { once: true });
  socket.on("error", (error) => {
    const failure = refused(error);
    bound.reject(failure);
    over.reject(failure);
  });
  try {
    socket.bind({ ...place, exclusive: true }, bound.resolve);
    await bound.promise;
    await use(socket, over.promise);
  } finally {
    signal.removeEventListener("abort", stop);
    socket.close();
  }
}
