import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { encodeMessage, headerValues, MessageReader, type RtspHeaders, type RtspRequest } from "../../../src/adapters/rtsp/message.ts";
import { basicAuthorization, digestAuthorization } from "../../../src/adapters/rtsp/digest.ts";
import { encodeFrame } from "../rtsp/encode-frame.ts";

export interface LoopbackCameraOptions {
  /** Any of 127.0.0.0/8: a camera that moves answers at another one. */
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly realm?: string;
  /** `deny`: Digest, but no password is right: an impostor. `open`: asks for none. */
  readonly auth?: "digest" | "basic" | "deny" | "open";
  /** It has sound instead of a picture. */
  readonly sound?: boolean;
}

const SDP = [
  "v=0",
  "o=- 1 1 IN IP4 0.0.0.0",
  "s=loopback",
  "t=0 0",
  "m=video 0 RTP/AVP 96",
  "a=rtpmap:96 H264/90000",
  "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==;profile-level-id=42C01E",
  "a=control:track1",
  "",
].join("\r\n");

const SOUND_SDP = `${SDP.slice(0, SDP.indexOf("m="))}m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:track1\r\n`;

/** A camera of H.264 in shape only: RTP packets go2rtc counts and passes on, fifty a second. */
export class LoopbackCamera {
  options: LoopbackCameraOptions;
  /** Requests that carried a credential or a hash of one, right or wrong. */
  readonly offers: number[] = [];
  connections = 0;
  describes = 0;
  /** While true nothing but RTCP is sent. */
  frozen = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: LoopbackCameraOptions) {
    this.options = options;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async start(): Promise<this> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen(this.options.port, this.options.address, resolve);
    await promise;
    const address = this.#server.address();
    if (typeof address === "object" && address !== null) this.options = { ...this.options, port: address.port };
    return this;
  }

  get url(): string {
    const { username, password } = this.options;
    return `rtsp://${encodeURIComponent(username)}:${encodeURIComponent(password)}@${this.options.address}:${String(this.options.port)}/live`;
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const socket of this.#sockets) socket.destroy();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  #serve(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    const reader = new MessageReader();
    const nonce = randomBytes(8).toString("hex");
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (chunk) => {
      for (const item of reader.push(chunk)) if (item.kind === "request") this.#answer(socket, item, nonce);
    });
  }

  #answer(socket: Socket, request: RtspRequest, nonce: string): void {
    const [sequence = "0"] = headerValues(request.headers, "cseq");
    const reply = (status: number, headers: RtspHeaders = [], body = ""): void => {
      socket.write(encodeMessage({ kind: "response", status, reason: "-", headers: [["CSeq", sequence], ...headers], body }));
    };
    if (headerValues(request.headers, "authorization").length > 0) this.offers.push(performance.now());
    if (request.method === "DESCRIBE") this.describes++;
    if (request.method === "OPTIONS") return reply(200, [["Public", "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"]]);
    if (!this.#permits(request, nonce)) return reply(401, [["WWW-Authenticate", this.#challenge(nonce)]]);
    if (request.method === "DESCRIBE")
      return reply(
        200,
        [
          ["Content-Type", "application/sdp"],
          ["Content-Base", `${request.uri}/`],
        ],
        this.options.sound === true ? SOUND_SDP : SDP,
      );
    if (request.method === "SETUP")
      return reply(200, [
        ["Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"],
        ["Session", "1;timeout=60"],
      ]);
    reply(200, [["Session", "1"]]);
    if (request.method === "PLAY") this.#play(socket);
  }

  #challenge(nonce: string): string {
    const realm = this.options.realm ?? "loopback";
    return this.options.auth === "basic" ? `Basic realm="${realm}"` : `Digest realm="${realm}", nonce="${nonce}"`;
  }

  #permits(request: RtspRequest, nonce: string): boolean {
    const { auth = "digest", realm = "loopback" } = this.options;
    if (auth === "open") return true;
    const [given = ""] = headerValues(request.headers, "authorization");
    if (auth === "basic") return given === basicAuthorization(this.options);
    const use = { method: request.method, uri: /uri="([^"]*)"/.exec(given)?.[1] ?? "", cnonce: "", count: 1 };
    const challenge = { scheme: "digest", realm, nonce, algorithm: "MD5", named: false, session: false, qop: "none" } as const;
    const wanted = /response="[^"]*"/.exec(digestAuthorization(challenge, this.options, use))?.[0] ?? "-";
    return auth === "digest" && given.includes(wanted);
  }

  #play(socket: Socket): void {
    let sequence = 0;
    const timer = setInterval(() => {
      if (socket.destroyed) {
        clearInterval(timer);
        this.#timers.delete(timer);
        return;
      }
      sequence++;
      if (sequence % 50 === 0) socket.write(encodeFrame(1, Buffer.from("80c80006000000010000000000000000000000000000000000000000", "hex")));
      if (!this.frozen) socket.write(encodeFrame(0, mediaPacket(sequence, this.options.sound === true ? 8 : 96)));
    }, 20);
    this.#timers.add(timer);
  }
}

function mediaPacket(sequence: number, payloadType: number): Buffer {
  const packet = Buffer.alloc(112, 0x11);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8(0x80 | payloadType, 1);
  packet.writeUInt16BE(sequence % 65_536, 2);
  packet.writeUInt32BE((sequence * 1800) % 2 ** 32, 4);
  packet.writeUInt32BE(1, 8);
  packet.writeUInt8(sequence % 50 === 1 ? 0x65 : 0x41, 12);
  return packet;
}
