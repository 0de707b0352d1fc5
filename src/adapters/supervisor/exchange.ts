import type { IncomingMessage } from "node:http";

/** What the Supervisor answered: its status, and its text up to the limit. */
export interface SupervisorAnswer {
  readonly status: number;
  /** Undefined where there is more than the limit. */
  readonly text: string | undefined;
}

/** An app's own information holds its whole description and documentation; a list of a hundred apps is a tenth of this. */
const MOST_BYTES = 2 * 1024 * 1024;

/** One request by Node's own HTTP client, which costs less memory than `fetch`. No redirect is followed. @throws what the connection failed with */
export async function exchange(
  call: { readonly method: "GET" | "POST"; readonly url: URL; readonly token: string; readonly body?: string },
  signal: AbortSignal,
): Promise<SupervisorAnswer> {
  const { method, url, token, body } = call;
  const { request } = await import("node:http");
  const content = body === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
  const sent = request(url, { method, headers: { authorization: `Bearer ${token}`, ...content }, signal, agent: false });
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
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MOST_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
