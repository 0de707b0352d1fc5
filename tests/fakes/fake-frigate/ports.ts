import { createServer as createHttp, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net";
import type { ServerCertificate } from "./certificates.ts";

export type Handle = (request: IncomingMessage, body: string, response: ServerResponse) => void;

/** One listening port of the fake, to be closed together with what is connected to it. */
export interface Port {
  readonly number: number;
  /** Breaks off what is connected, and goes on listening. */
  breakOff(): void;
  close(): Promise<void>;
}

/** Port 5000 of Frigate's nginx: plain HTTP. @param number 0 for any free one */
export async function plainPort(handle: Handle, number = 0): Promise<Port> {
  return listening(
    createHttp((request, response) => void answer(handle, request, response)),
    number,
  );
}

/** Port 8971 of Frigate's nginx: TLS, and nginx's own answer to who speaks plain HTTP to it. */
export async function tlsPort(handle: Handle, certificate: ServerCertificate, number = 0): Promise<Port> {
  const secure = createHttps({ ...certificate }, (request, response) => void answer(handle, request, response));
  const plain: HttpServer = createHttp((_request, response) => {
    response.writeHead(400, { "content-type": "text/html" });
    response.end("<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>");
  });
  const server = createTcp((socket) => {
    socket.once("data", (chunk) => {
      socket.pause();
      socket.unshift(chunk);
      (chunk[0] === 0x16 ? secure : plain).emit("connection", socket);
      process.nextTick(() => socket.resume());
    });
    socket.on("error", () => undefined);
  });
  return listening(server, number);
}

async function answer(handle: Handle, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
  } catch {
    return;
  }
  handle(request, Buffer.concat(chunks).toString("utf8"), response);
}

async function listening(server: Server, number: number): Promise<Port> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(number, "127.0.0.1", resolve));
  const breakOff = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    breakOff,
    number: (server.address() as AddressInfo).port,
    close: async () => {
      breakOff();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
