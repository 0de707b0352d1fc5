import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { encodeMessage, headerValues, type InterleavedFrame, MessageReader, type RtspItem, type RtspResponse } from "./message.ts";

export interface RtspEndpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** The conversation cannot go on: nobody there, closed by the peer, or the peer does not speak RTSP. */
export class RtspConnectionError extends Error {
  override readonly name = "RtspConnectionError";
  readonly reason: "unreachable" | "closed" | "not-rtsp";
  constructor(reason: "unreachable" | "closed" | "not-rtsp", message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

interface Pending {
  readonly sequence: number;
  readonly resolve: (response: RtspResponse) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Opens a connection. For TLS the certificate is not checked: cameras sign their own, and no secret is sent that plain TCP would not carry.
 * @throws RtspConnectionError `unreachable`; the signal's reason when aborted
 */
export async function openConnection(endpoint: RtspEndpoint, signal: AbortSignal): Promise<RtspConnection> {
  signal.throwIfAborted();
  const { host, port } = endpoint;
  const socket = endpoint.tls ? connectTls({ host, port, rejectUnauthorized: false }) : connectTcp({ host, port });
  socket.setNoDelay(true);
  const opened = Promise.withResolvers<void>();
  const onAbort = (): void => opened.reject(signal.reason);
  const onError = (cause: Error): void =>
    opened.reject(new RtspConnectionError("unreachable", `no connection to ${host}:${String(port)}`, { cause }));
  signal.addEventListener("abort", onAbort, { once: true });
  socket.once("error", onError);
  socket.once(endpoint.tls ? "secureConnect" : "connect", () => opened.resolve());
  try {
    await opened.promise;
  } catch (error) {
    socket.on("error", () => undefined);
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    socket.off("error", onError);
  }
  const connection = new RtspConnection(socket);
  connection.listen();
  return connection;
}

/** One RTSP connection as a client: one request at a time, interleaved frames handed over as they come. */
export class RtspConnection {
  readonly #socket: Socket;
  readonly #reader = new MessageReader();
  readonly #closed = Promise.withResolvers<never>();
  #pending: Pending | undefined;
  #sequence = 0;
  #onFrame: ((frame: InterleavedFrame) => void) | undefined;
  #end: RtspConnectionError | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Begins to read. */
  listen(): void {
    this.#closed.promise.catch(() => undefined);
    this.#socket.on("data", (chunk) => {
      for (const item of this.#reader.push(chunk)) this.#take(item);
    });
    this.#socket.on("error", (cause) => this.#finish(new RtspConnectionError("closed", "the connection broke", { cause })));
    this.#socket.on("close", () => this.#finish(new RtspConnectionError("closed", "the peer closed the connection")));
  }

  /** Where interleaved frames go; those that come without anyone to take them are dropped. */
  onFrame(listener: (frame: InterleavedFrame) => void): void {
    this.#onFrame = listener;
  }

  /** Rejects once the connection has ended; never resolves. */
  get ended(): Promise<never> {
    return this.#closed.promise;
  }

  /** Sends one request and waits for its answer. @throws RtspConnectionError; the signal's reason when aborted */
  async request(method: string, uri: string, headers: readonly (readonly [string, string])[], signal: AbortSignal): Promise<RtspResponse> {
    signal.throwIfAborted();
    if (this.#end !== undefined) throw this.#end;
    const sequence = ++this.#sequence;
    const answer = Promise.withResolvers<RtspResponse>();
    const onAbort = (): void => answer.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#pending = { sequence, resolve: answer.resolve, reject: answer.reject };
    this.#send(method, uri, headers, sequence);
    try {
      return await answer.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#pending = undefined;
    }
  }

  /** Ends the session without waiting for the answer. */
  tearDown(uri: string, session: string): void {
    if (this.#end === undefined) this.#send("TEARDOWN", uri, [["Session", session]], ++this.#sequence);
    this.#socket.end();
  }

  /** Closes at once. */
  close(): void {
    this.#socket.destroy();
  }

  #send(method: string, uri: string, headers: readonly (readonly [string, string])[], sequence: number): void {
    const all: readonly (readonly [string, string])[] = [["CSeq", String(sequence)], ["User-Agent", "camera-shepherd"], ...headers];
    this.#socket.write(encodeMessage({ kind: "request", method, uri, headers: all, body: "" }));
  }

  #take(item: RtspItem): void {
    if (item.kind === "frame") this.#onFrame?.(item);
    else if (item.kind === "malformed") {
      this.#finish(new RtspConnectionError("not-rtsp", item.message));
      this.#socket.destroy();
    } else if (item.kind === "response" && item.status >= 200) {
      // An answer without CSeq can only be meant for the one request that is open.
      const [sequence] = headerValues(item.headers, "cseq");
      if (sequence === undefined || Number(sequence) === this.#pending?.sequence) this.#pending?.resolve(item);
    }
  }

  #finish(error: RtspConnectionError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#pending?.reject(error);
    this.#closed.reject(error);
  }
}
