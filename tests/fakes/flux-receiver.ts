import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface FluxReceiverServer extends AsyncDisposable {
  readonly url: string;
  /** When each signed call came, by `performance.now()`. */
  readonly calls: readonly number[];
  /** Answers so instead. */
  answer(status: number | undefined): void;
}

const PATH = "/hook/0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/** Checks the signature as fluxcd/notification-controller does (internal/server/receiver_handlers.go, `generic-hmac`). */
export async function fluxReceiver(token: string): Promise<FluxReceiverServer> {
  const calls: number[] = [];
  let forced: number | undefined;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const status = forced ?? statusOf(request.url ?? "", request.headers["x-signature"], Buffer.concat(parts), token);
      if (status === 200) calls.push(performance.now());
      response.writeHead(status).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}${PATH}`,
    calls,
    answer: (status) => (forced = status),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function statusOf(path: string, signature: string | string[] | undefined, body: Buffer, token: string): number {
  if (path !== PATH) return 404;
  const [kind, given = ""] = String(signature).split("=");
  const wanted = createHmac("sha256", token).update(body).digest();
  const bytes = Buffer.from(given, "hex");
  return kind === "sha256" && bytes.length === wanted.length && timingSafeEqual(bytes, wanted) ? 200 : 400;
}
