import type { IncomingMessage, RequestOptions } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Duration } from "../../domain/duration.ts";
import { codeOf } from "../../domain/thrown.ts";

export interface HttpExchange {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent with its length where it is given. */
  readonly body?: string;
  /** Larger answers are not read to their end; 0 where the status is all that is wanted. */
  readonly mostBytes: number;
  /** Whom to trust and what to show, in PEM. Where it is given, only TLS is spoken. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /**
   * Decides over TLS instead of this machine's authorities. Called before anything is sent: a server that may not be spoken to learns nothing but that
   * somebody called.
   * @throws where nothing may be sent to that server
   */
  readonly onCertificate?: (shown: ShownCertificate) => void;
}

export interface ShownCertificate {
  /** SHA-256, as `AA:BB:…`. */
  readonly fingerprint: string;
  /** Whether an authority known to this machine vouches for it and for the host's name. */
  readonly trusted: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  /** Undefined where there is more than the limit. */
  readonly body: Buffer | undefined;
}

/**
 * One request by Node's own HTTP client, which needs 20 MB less than `fetch`: that compiles its parser from WebAssembly. The client is loaded at the first
 * call. No redirect is followed, since it would take along what is secret, and the connection is not kept.
 * @throws the signal's reason when aborted; else what the connection failed with, which may name the URL: only `codeOf` it may be shown
 */
export async function exchange(call: HttpExchange, signal: AbortSignal): Promise<HttpAnswer> {
  signal.throwIfAborted();
  const { url, mostBytes, onCertificate } = call;
  try {
    const socket = onCertificate === undefined || url.protocol !== "https:" ? undefined : await openTls(url, onCertificate, signal);
    try {
      const response = await begin(call, socket, signal);
      const body = await readBounded(response, mostBytes);
      return { status: response.statusCode ?? 0, headers: response.headersDistinct, body };
    } finally {
      socket?.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** The address of a server without credentials: for messages, and to begin URLs of its calls with. @throws TypeError where it is none */
export function placeOf(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

/** Why an exchange within a deadline failed, as the end of a sentence that begins with whom it was with. */
export function whyUnanswered(error: unknown, deadline: AbortSignal, within: Duration): string {
  return deadline.aborted ? `did not answer within ${String(within / 1000)} s` : `cannot be reached${codeWords(error)}`;
}

/** OpenSSL's words for a certificate that is not to be trusted, as Node passes them on (node/lib/_tls_wrap.js, deps/openssl x509_vfy). */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ISSUER|ALTNAME/;

/** What is wrong with a server's certificate and what helps, as a sentence without its end; undefined where the failure is none of that. */
export function untrustedWords(error: unknown): string | undefined {
  const code = codeOf(error);
  if (code === undefined || !UNTRUSTED.test(code)) return undefined;
  if (code === "CERT_HAS_EXPIRED") return `its certificate has expired (${code}): renew it there`;
  if (code.includes("ALTNAME")) return `its certificate is for another name (${code}): give the address by the name that stands in it`;
  return (
    `its certificate is not trusted here (${code}): name the file of its authority, or the certificate itself where it is self-signed, ` +
    "in the environment variable NODE_EXTRA_CA_CERTS, or give an http:// address"
  );
}

/** That code as an end of a sentence, with the remedy where there is one; empty where there is none. */
export function codeWords(error: unknown): string {
  const code = codeOf(error);
  const untrusted = untrustedWords(error);
  if (untrusted !== undefined) return `: ${untrusted}`;
  return code === undefined ? "" : ` (${code})`;
}

/** Sends the request and waits for the beginning of its answer. */
async function begin(
  { url, method, headers, body, tls }: HttpExchange,
  socket: TLSSocket | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { request } = url.protocol === "https:" || tls !== undefined ? await import("node:https") : await import("node:http");
  // An agent, even a fresh one, would open a connection of its own.
  const connection: RequestOptions = socket === undefined ? { agent: false, ...tls } : { createConnection: () => socket };
  // Node gives an empty PUT or POST its length, and the body of a GET none. Spelt as ever: it goes to cameras, too.
  const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  const call = request(url, { method, headers: { ...headers, ...length }, signal, ...connection });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  call.on("response", resolve);
  // Heard for as long as it lives: after the answer has begun its stream tells the failures, and the request says them again.
  call.on("error", reject);
  // An answer that switches protocols ends the request without a word, and the signal is heeded no more.
  call.on("close", () => reject(Object.assign(new Error("closed without an answer"), { code: "ECONNRESET" })));
  call.end(body);
  return promise;
}

async function openTls(url: URL, onCertificate: (shown: ShownCertificate) => void, signal: AbortSignal): Promise<TLSSocket> {
  const { connect } = await import("node:tls");
  const { isIP } = await import("node:net");
  signal.throwIfAborted();
  const host = url.hostname.replaceAll(/^\[|\]$/g, "");
  const name = isIP(host) === 0 ? { servername: host } : {};
  // Whether the certificate is acceptable is decided below, before a byte of the request is sent.
  const socket = connect({ host, port: Number(url.port === "" ? 443 : url.port), rejectUnauthorized: false, ...name });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    onCertificate({ fingerprint: socket.getPeerCertificate().fingerprint256, trusted: socket.authorized });
    return socket;
  } catch (error) {
    socket.on("error", () => undefined);
    socket.destroy();
    throw error;
  }
}

/** Undefined where there is more; then the connection is closed. */
async function readBounded(response: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (most === 0) {
    response.destroy();
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
