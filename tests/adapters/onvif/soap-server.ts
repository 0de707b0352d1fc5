import { createServer, type IncomingHttpHeaders } from "node:http";

/** How a small HTTP server answers every POST. */
export interface SoapAnswer {
  readonly status?: number;
  /** Put into a SOAP envelope. */
  readonly body?: string;
  /** Sent as it is. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never answers. */
  readonly silent?: boolean;
  /** Called instead of all that; writes what it likes. */
  readonly write?: (send: (piece: string) => boolean) => void;
}

export interface SoapServer {
  readonly port: number;
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
  close(): Promise<void>;
}

const OPEN =
  '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><s:Body>';

/** Serves on a free port of the loopback address. */
export async function serveSoap(answer: SoapAnswer): Promise<SoapServer> {
  const requests: SoapServer["requests"][number][] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (piece: string) => (body += piece));
    request.on("end", () => {
      requests.push({ path: request.url ?? "", headers: request.headers, body });
      if (answer.silent === true) return;
      response.writeHead(answer.status ?? 200, { "Content-Type": "application/soap+xml", ...answer.headers });
      if (answer.write === undefined) response.end(answer.raw ?? `${OPEN}${answer.body ?? ""}</s:Body></s:Envelope>`);
      else answer.write((piece) => response.write(piece));
    });
    response.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  return {
    port: address.port,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
