import type { IncomingMessage, RequestOptions } from "node:http";
import type { TLSSocket } from "node:tls";

export interface Exchange {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Larger answers are not read to their end. */
  readonly mostBytes: number;
  /**
   * Called with the server's certificate before anything is sent over TLS.
   * @throws where nothing may be sent to that server
   */
  readonly onCertificate: (shown: ShownCertificate) => void;
}

export interface ShownCertificate {
  /** SHA-256, as `AA:BB:…`. */
  readonly fingerprint: string;
  /** Whether an authority known to this machine vouches for it and for the host's name. */
  readonly trusted: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Undefined where there is more than the limit. */
  readonly text: string | undefined;
}

/**
 * One request by Node's own HTTP client (`fetch` costs 20 MB more and cannot pin a certificate). No redirect is followed, the connection is not kept.
 * Over TLS the handshake is finished and the certificate shown first: a server that may not be spoken to learns nothing but that somebody called.
 * @throws what the connection failed with, or what `onCertificate` threw
 */
export async function exchange(settings: Exchange, signal: AbortSignal): Promise<Answer> {
  const { url, method, headers, body, mostBytes } = settings;
  const secure = url.protocol === "https:";
  const socket = secure ? await openTls(url, settings.onCertificate, signal) : undefined;
  const { request } = secure ? await import("node:https") : await import("node:http");
  // An agent, even a fresh one, would open a connection of its own.
  const connection: RequestOptions = socket === undefined ? { agent: false } : { createConnection: () => socket };
  const call = request(url, { method, headers, signal, ...connection });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    call.once("response", resolve);
    call.once("error", reject);
  });
  try {
    call.end(body);
    const response = await answered;
    // After the answer has begun its stream tells the failures; the request says them again.
    call.on("error", () => undefined);
    const text = await readBounded(response, mostBytes);
    if (text === undefined) response.destroy();
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  } finally {
    socket?.destroy();
  }
}

async function openTls(url: URL, onCertificate: Exchange["onCertificate"], signal: AbortSignal): Promise<TLSSocket> {
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

async function readBounded(response: IncomingMessage, most: number): Promise<string | undefined> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let text = "";
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > most) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
