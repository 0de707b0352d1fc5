import { createCipheriv, createPublicKey, type KeyObject, publicEncrypt, randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { crc32 } from "node:zlib";

// Devices of two makers as they answer to discovery, written from the layouts that reolink-aio and python-kasa read; the program's own code is not used.

export interface Responder {
  close(): void;
}

const REOLINK_KEY = [0x1f2d3c4b, 0x5a6c7f8d, 0x38172e4b, 0x8271635a, 0x863f1a2b, 0xa5c6f7d8, 0x8371e1b4, 0x17f2d3a5];

function shifted(bytes: Uint8Array, by: number): Uint8Array {
  return bytes.map((byte, index) => {
    const word = ((REOLINK_KEY[Math.floor(index / 4) % 8] ?? 0) + by) >>> 0;
    return byte ^ ((word >>> (8 * (index % 4))) & 255);
  });
}

/** A message as a Reolink device sends it. */
export function reolinkMessage(transaction: number, xml: string): Uint8Array {
  const body = shifted(Buffer.from(xml), transaction);
  const header = Buffer.from("3acf872a00000000010000000000000000000000", "hex");
  header.writeUInt32LE(body.length, 4);
  header.writeUInt32LE(transaction, 12);
  header.writeUInt32LE(~crc32(body, 0xffffffff) >>> 0, 16);
  return Buffer.concat([header, body]);
}

/** Answers the question for the number on the first port, and its own number called on all of them. */
export async function serveReolink(uid: string, ports: readonly number[] = [2015, 2018], host = "0.0.0.0"): Promise<Responder> {
  const sockets = await Promise.all(ports.map((port) => bound(port, host)));
  sockets.forEach((socket, index) => {
    socket.on("message", (bytes, from) => {
      if (bytes.length < 20 || bytes.readUInt32BE(0) !== 0x3acf872a) return;
      const transaction = bytes.readUInt32LE(12);
      const xml = Buffer.from(shifted(bytes.subarray(20), transaction)).toString();
      const caller = /<cid>(\d+)<\/cid>/.exec(xml)?.[1];
      const called = /<uid>([^<]*)<\/uid>/.exec(xml)?.[1];
      const answer = xml.includes("<C2D_S>")
        ? index === 0
          ? `<P2P>\n<D2C_S>\n<uid>${uid}</uid>\n</D2C_S>\n</P2P>\n`
          : undefined
        : xml.includes("<C2D_C>") && called === uid && caller !== undefined
          ? `<P2P>\n<D2C_C_R>\n<cid>${caller}</cid>\n<did>816</did>\n<rsp>0</rsp>\n</D2C_C_R>\n</P2P>\n`
          : undefined;
      if (answer !== undefined) socket.send(reolinkMessage(transaction, answer), from.port, from.address);
    });
  });
  return { close: () => sockets.forEach((socket) => socket.close()) };
}

/**
 * Answers a probe as a Tapo camera does: only one that is whole and names a key, for which it encrypts what not everybody is told (python-kasa,
 * tests/fixtures/smartcam/C210(EU)_2.0_1.4.3.json and `_decrypt_discovery_data`). `address` is what it says of itself, which may be of the past.
 */
export async function serveTplink(
  deviceId: string,
  { port = 20_002, host = "0.0.0.0", mac = "9C-53-22-AA-BB-CC", address = "192.0.2.1" } = {},
): Promise<Responder> {
  const socket = await bound(port, host);
  socket.on("message", (bytes, from) => {
    const key = keyOf(bytes);
    if (key === undefined) return;
    const secret = randomBytes(32);
    const cipher = createCipheriv("aes-128-cbc", secret.subarray(0, 16), secret.subarray(16));
    const told = JSON.stringify({
      connect_ssid: "home",
      connect_type: "wireless",
      device_id: `${deviceId}00000000`,
      http_port: 443,
      owner: "0",
    });
    const result = {
      device_id: deviceId,
      device_model: "C210",
      device_name: "Tapo_Camera",
      device_type: "SMART.IPCAMERA",
      encrypt_info: {
        data: Buffer.concat([cipher.update(told), cipher.final()]).toString("base64"),
        key: publicEncrypt(key, secret).toString("base64"),
        sym_schm: "AES",
      },
      encrypt_type: ["3"],
      factory_default: false,
      firmware_version: "1.4.3 Build 241010 Rel.33858n",
      hardware_version: "2.0",
      ip: address,
      is_support_iot_cloud: true,
      mac,
      mgt_encrypt_schm: { is_support_https: true },
      protocol_version: 1,
    };
    const body = Buffer.from(JSON.stringify({ error_code: 0, result }));
    const header = Buffer.from("0200000100002201000000005a6b7c8d", "hex");
    header.writeUInt16BE(body.length, 4);
    const answer = Buffer.concat([header, body]);
    answer.writeUInt32BE(crc32(answer), 12);
    socket.send(answer, from.port, from.address);
  });
  return { close: () => void socket.close() };
}

/** The key that a probe names; undefined where it is none, its length or checksum is wrong, or it names none. */
function keyOf(bytes: Buffer): KeyObject | undefined {
  if (bytes.length < 16 || bytes[0] !== 2 || bytes.readUInt16BE(2) !== 1 || bytes.readUInt16BE(4) !== bytes.length - 16) return undefined;
  const unchecked = Buffer.from(bytes);
  unchecked.writeUInt32BE(0x5a6b7c8d, 12);
  if (crc32(unchecked) !== bytes.readUInt32BE(12) || bytes[6] !== 0x11 || bytes.length === 16) return undefined;
  const { params } = JSON.parse(bytes.subarray(16).toString()) as { readonly params: { readonly rsa_key: string } };
  return createPublicKey(params.rsa_key);
}

async function bound(port: number, host: string): Promise<Socket> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.on("error", () => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, host, () => resolve());
  });
  return socket;
}
