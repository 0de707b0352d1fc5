import { request, type IncomingMessage } from "node:http";
import type { IpAddress } from "../../domain/addresses.ts";

const BODY_LIMIT = 65_536;

/** An answer, whatever its status. */
export interface SoapAnswer {
  readonly status: number;
  /** Every `WWW-Authenticate` header. */
  readonly challenges: readonly string[];
  readonly text: string;
}

/**
 * Sends one SOAP 1.2 message without credentials and reads at most 64 KiB of the answer, whatever its status (a fault comes with 400 or 500).
 * No redirect is followed, and the connection is not kept.
 * @returns undefined where nobody answers, or more than the limit, or not before `deadline` is aborted; never throws
 */
export async function postSoap(
  address: IpAddress,
  port: number,
  path: string,
  action: string,
  body: string,
  deadline: AbortSignal,
): Promise<string | undefined> {
  return (await exchangeSoap({ address, port, path, action, body }, {}, deadline))?.text;
}

export interface SoapQuestion {
  readonly address: IpAddress;
  readonly port: number;
  readonly path: string;
  readonly action: string;
  readonly body: string;
}

/** As `postSoap`, with headers of the caller's, and the status of the answer. */
export function exchangeSoap(
  { address, port, path, action, body }: SoapQuestion,
  headers: Readonly<Record<string, string>>,
  deadline: AbortSignal,
): Promise<SoapAnswer | undefined> {
  return new Promise((resolve) => {
    const bytes = Buffer.from(body, "utf8");
    const call = request({
      host: address,
      port,
      path,
      method: "POST",
      agent: false,
      signal: deadline,
      maxHeaderSize: 16_384,
      headers: {
        "Content-Type": `application/soap+xml; charset=utf-8; action="${action}"`,
        "Content-Length": bytes.length,
        Connection: "close",
        ...headers,
      },
    });
    call.on("error", () => resolve(undefined));
    call.on("response", (response) => {
      const challenges = response.headersDistinct["www-authenticate"] ?? [];
      readBody(response, (text) => resolve(text === undefined ? undefined : { status: response.statusCode ?? 0, challenges, text }));
    });
    call.end(bytes);
  });
}

function readBody(response: IncomingMessage, resolve: (text: string | undefined) => void): void {
  const pieces: Buffer[] = [];
  let length = 0;
  response.on("data", (piece: Buffer) => {
    length += piece.length;
    if (length > BODY_LIMIT) {
      resolve(undefined);
      response.destroy();
    } else pieces.push(piece);
  });
  response.on("end", () => resolve(Buffer.concat(pieces).toString("utf8")));
  response.on("error", () => resolve(undefined));
  response.on("close", () => resolve(undefined));
}
