import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import { epochMilliseconds } from "./waiting.ts";

/** What a viewer sees of a stream. */
export interface Viewing {
  /** The connection's own end, `address:port`. */
  readonly local: string;
  /** When the first RTP packet of the video came, epoch ms. */
  readonly firstAt: number;
}

/** The server answered with another status than 200. */
export class RtspRefused extends Error {
  override readonly name = "RtspRefused";
  readonly status: number;
  constructor(status: number, method: string) {
    super(`${method} was answered ${status}`);
    this.status = status;
  }
}

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/**
 * Opens a stream as a viewer does (RTP over the connection) and stays until `signal` is aborted.
 * Sends the URL's credentials where asked: by Digest, or by Basic where only that is offered.
 * @param onVideo told of each video packet: when it came, epoch ms
 * @throws RtspRefused; an error where the connection ends or fails; the signal's reason
 */
export async function viewRtsp(url: string, signal: AbortSignal, onVideo: (viewing: Viewing, at: number) => void): Promise<never> {
  const target = new URL(url);
  const socket = connect({ host: target.hostname, port: Number(target.port || 554), noDelay: true });
  const abort = (): void => void socket.destroy(new Error("aborted", { cause: signal.reason }));
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    return await converse(socket, target, onVideo);
  } finally {
    signal.removeEventListener("abort", abort);
    socket.destroy();
  }
}

/**
 * When the first video packet of a stream came.
 * @param within ms
 * @throws as `viewRtsp`, or when there was none in time
 */
export async function firstVideoPacket(url: string, within = 5_000): Promise<Viewing> {
  const done = new AbortController();
  let first: Viewing | undefined;
  const signal = AbortSignal.any([done.signal, AbortSignal.timeout(within)]);
  await viewRtsp(url, signal, (viewing) => {
    first ??= viewing;
    done.abort();
  }).catch((error: unknown) => {
    if (first === undefined) throw error;
  });
  if (first === undefined) throw new Error("no video packet");
  return first;
}

async function converse(socket: Socket, target: URL, onVideo: (viewing: Viewing, at: number) => void): Promise<never> {
  const answers: Answer[] = [];
  let first: Viewing | undefined;
  let wake: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the connection ended")));
  });
  ended.catch(() => undefined);
  const read = reader(
    (answer) => {
      answers.push(answer);
      wake?.();
    },
    () => {
      const at = epochMilliseconds();
      first ??= { local: `${socket.localAddress}:${socket.localPort}`, firstAt: at };
      onVideo(first, at);
    },
  );
  socket.on("data", read);
  await Promise.race([ended, new Promise<void>((resolve) => socket.once("connect", () => resolve()))]);

  let sequence = 0;
  let challenge: string | undefined;
  const ask = async (method: string, uri: string, headers: readonly string[]): Promise<Answer> => {
    for (let attempt = 0; ; attempt += 1) {
      sequence += 1;
      const authorization = challenge === undefined ? [] : [`Authorization: ${authorize(challenge, target, method, uri)}`];
      socket.write(
        [`${method} ${uri} RTSP/1.0`, `CSeq: ${sequence}`, "User-Agent: world", ...authorization, ...headers, "", ""].join("\r\n"),
      );
      await Promise.race([
        ended,
        new Promise<void>((resolve) => {
          wake = resolve;
        }),
      ]);
      const answer = answers.shift();
      const asked = answer?.headers.get("www-authenticate");
      if (answer?.status === 401 && asked !== undefined && target.username !== "" && attempt === 0) challenge = asked;
      else if (answer?.status === 200) return answer;
      else throw new RtspRefused(answer?.status ?? 0, method);
    }
  };
  const plain = `rtsp://${target.host}${target.pathname}${target.search}`;
  const described = await ask("DESCRIBE", plain, ["Accept: application/sdp"]);
  const base = described.headers.get("content-base") ?? `${plain}/`;
  const video = /m=video[\s\S]*?a=control:(\S+)/.exec(described.body)?.[1];
  if (video === undefined) throw new Error("the stream has no video");
  const track = video.startsWith("rtsp:") ? video : `${base.endsWith("/") ? base : `${base}/`}${video}`;
  const set = await ask("SETUP", track, ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1"]);
  const session = (set.headers.get("session") ?? "").split(";")[0] ?? "";
  await ask("PLAY", base, [`Session: ${session}`, "Range: npt=0.000-"]);
  return ended;
}

/** Cuts a connection's bytes into answers and packets; of the packets only the video's (channel 0) are told. */
function reader(onAnswer: (answer: Answer) => void, onVideo: () => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      if (rest[0] === 0x24) {
        if (rest.length < 4 || rest.length < 4 + rest.readUInt16BE(2)) return;
        if (rest[1] === 0) onVideo();
        rest = rest.subarray(4 + rest.readUInt16BE(2));
        continue;
      }
      const end = rest.indexOf("\r\n\r\n");
      if (end < 0) return;
      const [first = "", ...lines] = rest.subarray(0, end).toString("latin1").split("\r\n");
      const headers = new Map<string, string>();
      for (const line of lines) {
        const name = line.slice(0, line.indexOf(":")).trim().toLowerCase();
        const value = line.slice(line.indexOf(":") + 1).trim();
        // Of several challenges the Digest one is kept: a password in clear only where there is no other way.
        if (!headers.has(name) || /^digest /i.test(value)) headers.set(name, value);
      }
      const length = Number(headers.get("content-length") ?? 0);
      if (rest.length < end + 4 + length) return;
      const body = rest.subarray(end + 4, end + 4 + length).toString();
      rest = rest.subarray(end + 4 + length);
      onAnswer({ status: Number(first.split(" ")[1] ?? 0), headers, body });
    }
  };
}

function authorize(challenge: string, target: URL, method: string, uri: string): string {
  const user = decodeURIComponent(target.username);
  const password = decodeURIComponent(target.password);
  if (!/^digest /i.test(challenge)) return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const realm = /realm="([^"]*)"/.exec(challenge)?.[1] ?? "";
  const nonce = /nonce="([^"]*)"/.exec(challenge)?.[1] ?? "";
  const response = md5(`${md5(`${user}:${realm}:${password}`)}:${nonce}:${md5(`${method}:${uri}`)}`);
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}"`;
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
