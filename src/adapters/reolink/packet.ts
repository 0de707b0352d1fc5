import { crc32 } from "node:zlib";

/**
 * Reolink's UDP messages before a connection exists ("Baichuan" over UDP): 20 bytes of header – magic, length of the body, 1, transaction number,
 * CRC of the body, each 32 bits little-endian – and an XML body under a fixed key that the transaction number shifts
 * (read from the PyPI package reolink-aio 0.22, `baichuan/udp_protocol.py` and `util.py`, and QuantumEntangledAndy/neolink `bcudp`).
 */
const MAGIC = 0x2a87cf3a;
const HEADER = 20;
const LONGEST_BODY = 8192;
const KEY = [0x1f2d3c4b, 0x5a6c7f8d, 0x38172e4b, 0x8271635a, 0x863f1a2b, 0xa5c6f7d8, 0x8371e1b4, 0x17f2d3a5];

export interface ReolinkMessage {
  readonly transaction: number;
  readonly xml: string;
}

export function writeMessage({ transaction, xml }: ReolinkMessage): Uint8Array {
  const body = applyKey(Buffer.from(xml, "utf8"), transaction);
  const message = Buffer.alloc(HEADER + body.length);
  message.writeUInt32LE(MAGIC, 0);
  message.writeUInt32LE(body.length, 4);
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(transaction, 12);
  message.writeUInt32LE(checksum(body), 16);
  body.copy(message, HEADER);
  return message;
}

/** @returns undefined for anything else, a wrong checksum included */
export function readMessage(bytes: Uint8Array): ReolinkMessage | undefined {
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (message.length < HEADER || message.readUInt32LE(0) !== MAGIC) return undefined;
  const length = message.readUInt32LE(4);
  if (length > LONGEST_BODY || message.length < HEADER + length) return undefined;
  const body = message.subarray(HEADER, HEADER + length);
  if (message.readUInt32LE(16) !== checksum(body)) return undefined;
  const transaction = message.readUInt32LE(12);
  return { transaction, xml: applyKey(body, transaction).toString("utf8") };
}

/** Encrypts and decrypts alike. */
function applyKey(bytes: Buffer, transaction: number): Buffer {
  const key = Buffer.alloc(KEY.length * 4);
  KEY.forEach((word, index) => key.writeUInt32LE((word + transaction) >>> 0, index * 4));
  return Buffer.from(bytes.map((byte, index) => byte ^ (key[index % key.length] ?? 0)));
}

/** CRC-32 that begins with zero and is not inverted at the end. */
function checksum(bytes: Uint8Array): number {
  return ~crc32(bytes, 0xffffffff) >>> 0;
}
