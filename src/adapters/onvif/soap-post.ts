import type { IpAddress } from "../../domain/addresses.ts";
import { exchange } from "../system/http-exchange.ts";

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
export async function exchangeSoap(
  { address, port, path, action, body }: SoapQuestion,
  headers: Readonly<Record<string, string>>,
  deadline: AbortSignal,
): Promise<SoapAnswer | undefined> {
  const url = new URL(`http://${address.includes(":") ? `[${address}]` : address}:${String(port)}${path}`);
  const named = { "Content-Type": `application/soap+xml; charset=utf-8; action="${action}"`, ...headers };
  try {
    const answer = await exchange({ url, method: "POST", headers: named, body, mostBytes: BODY_LIMIT }, deadline);
    const challenges = answer.headers["www-authenticate"] ?? [];
    return answer.body === undefined ? undefined : { status: answer.status, challenges, text: answer.body.toString("utf8") };
  } catch {
    return undefined;
  }
}
