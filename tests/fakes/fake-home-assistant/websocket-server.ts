import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** One client of the server. */
export interface Client {
  send(text: string): void;
  close(): void;
  /** Cuts the connection without a word. */
  cut(): void;
}

export interface WebSocketServer {
  readonly port: number;
  readonly clients: ReadonlySet<Client>;
  close(): Promise<void>;
}

/** The part of RFC 6455 that tests need: text frames that are not split. */
export async function listen(
  path: string,
  onText: (text: string, client: Client) => void,
  onOpen: (client: Client) => void,
): Promise<WebSocketServer> {
  const clients = new Set<Client>();
  const server: Server = createServer((_request, response) => response.writeHead(404).end());
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    const key = request.headers["sec-websocket-key"];
    socket.on("error", () => undefined);
    if (request.url !== path || typeof key !== "string") {
      socket.end("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n");
      return;
    }
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const client: Client = {
      send: (text) => void socket.write(frame(1, Buffer.from(text))),
      close: () => void socket.end(frame(8, Buffer.alloc(0))),
      cut: () => void socket.destroy(),
    };
    clients.add(client);
    socket.on("close", () => clients.delete(client));
    let rest = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let read = readFrame(rest); read !== undefined; read = readFrame(rest)) {
        rest = rest.subarray(read.length);
        if (read.opcode === 1) onText(read.payload.toString(), client);
        if (read.opcode === 8) client.close();
      }
    });
    onOpen(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    clients,
    close: async () => {
      for (const client of clients) client.cut();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function frame(opcode: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (payload.length < 126) head[1] = payload.length;
  else if (payload.length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(payload.length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([head, payload]);
}

function readFrame(data: Buffer): { readonly opcode: number; readonly payload: Buffer; readonly length: number } | undefined {
  if (data.length < 2) return undefined;
  const short = (data[1] ?? 0) & 127;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (data.length < start + 4) return undefined;
  const size = short < 126 ? short : short === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
  if (data.length < start + 4 + size) return undefined;
  const mask = data.subarray(start, start + 4);
  const payload = Buffer.from(data.subarray(start + 4, start + 4 + size).map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  return { opcode: (data[0] ?? 0) & 15, payload, length: start + 4 + size };
}
