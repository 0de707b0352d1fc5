import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { admits, challenges, newNonce } from "./authorization.ts";
import type { Behaviour, CameraEvent } from "./behaviour.ts";
import { FRAMES_PER_SECOND, type Clip } from "./h264-clip.ts";
import { interleaved, rtpSender, type RtpSender } from "./rtp.ts";
import { epochMilliseconds } from "./waiting.ts";

/** A small RTSP 1.0 server (RFC 2326) that loops one H.264 clip; RTP over the RTSP connection only. */
export interface RtspServer {
  set(behaviour: Behaviour): Promise<void>;
  /** Ends every session and listens no more, until `up`: with FIN, or `silently`, which needs the address to be gone already. */
  down(silently: boolean): void;
  up(): Promise<void>;
}

interface Session {
  readonly socket: Socket;
  readonly sender: RtpSender;
  readonly channel: number;
  readonly id: string;
  playing: boolean;
  reportedAt: number;
}

const FRAME_MS = 1000 / FRAMES_PER_SECOND;
const REPORT_EVERY = 2_000;
/** More waiting than this in a connection: the client is gone or too slow, and its pictures are dropped. */
const WRITE_LIMIT = 1_048_576;
const REQUEST_LIMIT = 65_536;

/** Starts listening on all addresses of the namespace, present and future. */
export async function serveRtsp(port: number, clip: Clip, first: Behaviour, tell: (event: CameraEvent) => void): Promise<RtspServer> {
  let behaviour = first;
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;
  const sockets = new Set<Socket>();
  const sessions = new Map<Socket, Session>();

  // The picture depends on the time alone: a client that comes in the middle of a group of pictures gets its middle, as from a real camera.
  const tick = (): void => {
    const now = performance.now();
    const due = Math.floor(now / FRAME_MS);
    if (due - frame > FRAMES_PER_SECOND) frame = due - 1;
    for (; frame < due; frame += 1) {
      const unit = clip.units[(frame + 1) % clip.units.length] ?? [];
      for (const session of sessions.values())
        if (session.playing) sendPicture(session, unit, ((frame + 1) * FRAME_MS) / 1000, behaviour.frozen);
    }
    if (![...sessions.values()].some((session) => session.playing)) {
      clearInterval(timer);
      timer = undefined;
    }
  };
  const play = (session: Session): void => {
    session.playing = true;
    if (timer !== undefined) return;
    frame = Math.floor(performance.now() / FRAME_MS);
    timer = setInterval(tick, FRAME_MS / 4);
  };
  const answer = async (socket: Socket, request: Request, nonce: string): Promise<void> => {
    const reply = respond(request, behaviour, nonce, clip, sessions.get(socket));
    const swallowed = behaviour.silent || Math.random() < behaviour.loss;
    tell({
      type: "request",
      at: epochMilliseconds(),
      protocol: "rtsp",
      method: request.method,
      url: request.url,
      peer: `${socket.remoteAddress}:${socket.remotePort}`,
      status: swallowed ? 0 : reply.status,
      offered: request.headers.get("authorization"),
      agent: request.headers.get("user-agent"),
    });
    if (swallowed) return;
    if (behaviour.answerDelay > 0) await new Promise((resolve) => setTimeout(resolve, behaviour.answerDelay));
    if (socket.destroyed) return;
    const headers = [`CSeq: ${request.headers.get("cseq") ?? "0"}`, "Server: world-camera", ...reply.headers];
    if (reply.body !== "") headers.push(`Content-Length: ${Buffer.byteLength(reply.body)}`);
    socket.write(`RTSP/1.0 ${reply.status} ${reply.reason}\r\n${headers.join("\r\n")}\r\n\r\n${reply.body}`);
    if (reply.session !== undefined) {
      sessions.set(socket, { ...reply.session, socket, sender: rtpSender(randomBytes(4).readUInt32BE()), playing: false, reportedAt: 0 });
    }
    const session = sessions.get(socket);
    if (reply.status === 200 && request.method === "PLAY" && session !== undefined) play(session);
    if (request.method === "TEARDOWN") socket.end();
  };
  const onConnection = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    tell({ type: "connection", at: epochMilliseconds(), peer: `${socket.remoteAddress}:${socket.remotePort}` });
    const nonce = newNonce();
    let queue = Promise.resolve();
    const read = requestReader((request) => {
      queue = queue.then(() => answer(socket, request, nonce));
    });
    socket.on("data", (bytes) => {
      if (!read(bytes)) socket.destroy();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      sessions.delete(socket);
    });
  };
  const down = (silently: boolean): void => {
    server?.close();
    server = undefined;
    for (const socket of sockets) {
      // A FIN would be repeated until there is an address again; a RST is sent once, and finds no way out.
      if (silently) socket.resetAndDestroy();
      else socket.destroy();
    }
  };
  const up = async (): Promise<void> => {
    if (!behaviour.refuse) server ??= await listen(port, onConnection);
  };

  let server: Server | undefined;
  const set = async (next: Behaviour): Promise<void> => {
    behaviour = next;
    if (next.refuse) down(false);
    else await up();
  };
  await set(first);
  return { set, down, up };
}

function sendPicture(session: Session, unit: readonly Uint8Array[], seconds: number, frozen: boolean): void {
  if (session.socket.writableLength > WRITE_LIMIT) return;
  const now = epochMilliseconds();
  if (now - session.reportedAt > REPORT_EVERY) {
    session.reportedAt = now;
    session.socket.write(interleaved(session.channel + 1, session.sender.report(now, seconds)));
  }
  if (frozen) return;
  for (const packet of session.sender.packets(unit, seconds)) session.socket.write(interleaved(session.channel, packet));
}

async function listen(port: number, onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onConnection);
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "0.0.0.0", resolve));
  return server;
}

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** Cuts a connection's bytes into requests and skips interleaved packets; answers false where the bytes are neither. */
function requestReader(onRequest: (request: Request) => void): (bytes: Buffer) => boolean {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      if (rest[0] === 0x24) {
        if (rest.length < 4 || rest.length < 4 + rest.readUInt16BE(2)) return true;
        rest = rest.subarray(4 + rest.readUInt16BE(2));
        continue;
      }
      const end = rest.indexOf("\r\n\r\n");
      if (end < 0) return rest.length < REQUEST_LIMIT;
      const [first = "", ...lines] = rest.subarray(0, end).toString("latin1").split("\r\n");
      const [method = "", url = "", protocol = ""] = first.split(" ");
      if (!protocol.startsWith("RTSP/")) return false;
      const headers = new Map(
        lines.map((line) => [line.slice(0, line.indexOf(":")).trim().toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
      );
      const length = Number(headers.get("content-length") ?? 0);
      if (rest.length < end + 4 + length) return true;
      rest = rest.subarray(end + 4 + length);
      onRequest({ method, url, headers });
    }
  };
}

interface Reply {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly string[];
  readonly body: string;
  readonly session?: { readonly id: string; readonly channel: number };
}

function respond(request: Request, behaviour: Behaviour, nonce: string, clip: Clip, session: Session | undefined): Reply {
  const reply = (status: number, reason: string, headers: readonly string[] = [], body = ""): Reply => ({ status, reason, headers, body });
  if (request.method === "OPTIONS")
    return reply(200, "OK", ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER, SET_PARAMETER"]);
  if (!admits(behaviour, nonce, request.method, request.headers.get("authorization"))) {
    return reply(
      401,
      "Unauthorized",
      challenges(behaviour, nonce).map((challenge) => `WWW-Authenticate: ${challenge}`),
    );
  }
  const held = session === undefined ? [] : [`Session: ${session.id};timeout=60`];
  switch (request.method) {
    case "DESCRIBE": {
      const path = request.url
        .replace(/^rtsp:\/\/[^/]*/, "")
        .replace(/\?.*$/, "")
        .replaceAll(/\/+/g, "/");
      if (behaviour.notFound || !behaviour.paths.includes(path)) return reply(404, "Not Found");
      const base = request.url.endsWith("/") ? request.url : `${request.url}/`;
      return reply(200, "OK", ["Content-Type: application/sdp", `Content-Base: ${base}`], describe(clip));
    }
    case "SETUP": {
      const transport = request.headers.get("transport") ?? "";
      if (!transport.includes("TCP")) return reply(461, "Unsupported Transport");
      const channel = Number(/interleaved=(\d+)/.exec(transport)?.[1] ?? 0);
      const id = randomBytes(4).toString("hex");
      const headers = [`Transport: RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}`, `Session: ${id};timeout=60`];
      return { ...reply(200, "OK", headers), session: { id, channel } };
    }
    case "PLAY":
      return session === undefined ? reply(454, "Session Not Found") : reply(200, "OK", [...held, "Range: npt=0.000-"]);
    case "GET_PARAMETER":
    case "SET_PARAMETER":
    case "TEARDOWN":
      return reply(200, "OK", held);
    default:
      return reply(501, "Not Implemented");
  }
}

function describe(clip: Clip): string {
  const sets = [clip.sps, clip.pps].map((set) => Buffer.from(set).toString("base64")).join(",");
  const profile = Buffer.from(clip.sps.subarray(1, 4)).toString("hex");
  return [
    "v=0",
    "o=- 0 0 IN IP4 0.0.0.0",
    "s=camera",
    "t=0 0",
    "a=control:*",
    "m=video 0 RTP/AVP 96",
    "c=IN IP4 0.0.0.0",
    "a=rtpmap:96 H264/90000",
    `a=fmtp:96 packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${sets}`,
    "a=control:trackID=0",
    "",
  ].join("\r\n");
}
