import type { IncomingMessage } from "node:http";

/** An object of Kubernetes stays below 1.5 MB (etcd's limit), a list of a workload's pods too. */
const MOST_BYTES = 4 * 1024 * 1024;

export interface ClusterCall {
  readonly url: URL;
  readonly method: "GET" | "PATCH" | "PUT" | "POST" | "DELETE";
  readonly type: string;
  readonly body?: string;
  /** What the server's certificate is signed by, in PEM; the machine's own list where absent. */
  readonly ca?: string;
  readonly credentials: ClusterCredentials;
}

/** What the API server knows this program by. */
export interface ClusterCredentials {
  readonly token?: string;
  readonly certificate?: string;
  readonly key?: string;
}

export interface ClusterAnswer {
  readonly status: number;
  /** Undefined where there is more than the limit. */
  readonly text: string | undefined;
}

/**
 * One call by Node's own client, which is loaded when it is first needed. No redirect is followed, since it would take the token along.
 * @throws what the connection failed with; the signal's reason when aborted
 */
export async function exchange(call: ClusterCall, signal: AbortSignal): Promise<ClusterAnswer> {
  const { request } = await import("node:https");
  const { url, method, type, body, ca, credentials } = call;
  const { token, certificate, key } = credentials;
  const headers = {
    accept: "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": type, "content-length": String(Buffer.byteLength(body)) }),
  };
  const identity = { ...(certificate === undefined ? {} : { cert: certificate }), ...(key === undefined ? {} : { key }) };
  const sent = request(url, { method, headers, signal, agent: false, ...(ca === undefined ? {} : { ca }), ...identity });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once("response", resolve);
    sent.once("error", reject);
  });
  sent.end(body);
  const response = await answered;
  // After the answer has begun its stream tells the failures; the request says them again.
  sent.on("error", () => undefined);
  const text = await readBounded(response);
  if (text === undefined) response.destroy();
  return { status: response.statusCode ?? 0, text };
}

async function readBounded(response: IncomingMessage): Promise<string | undefined> {
  // A byte-order mark inside a value stays; there is none before JSON.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let text = "";
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MOST_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
