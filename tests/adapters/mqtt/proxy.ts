import { connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Proxy {
  readonly port: number;
  /** Every connection is broken off. */
  cut(): void;
}

/**
 * A way to a port that can be cut; it is gone at the end of the test.
 * @param isLetThrough sees the first bytes of each connection; where it says no, `answer` is sent and the connection closed
 */
export async function proxyTo(
  port: number,
  isLetThrough: (first: Buffer) => boolean = () => true,
  answer = Buffer.alloc(0),
): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    near.once("data", (first) => {
      if (!isLetThrough(first)) return void near.end(answer);
      const far = connect({ port, host: "127.0.0.1" });
      keep(far);
      far.write(first);
      near.pipe(far).pipe(near);
      far.on("close", () => near.destroy());
      near.on("close", () => far.destroy());
    });
  });
  const at = await listening(server);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  return { port: at, cut };
}

/** Answers as a broker of MQTT 3.1.1 alone does: newer clients get "unacceptable protocol version" (MQTT 3.1.1 §3.2.2.3). */
export function oldBroker(port: number): Promise<Proxy> {
  // The protocol level follows the name (§3.1.2.2).
  const isOld = (first: Buffer): boolean => first[first.indexOf("MQTT") + 4] === 4;
  return proxyTo(port, isOld, Buffer.from([0x20, 0x02, 0x00, 0x01]));
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
