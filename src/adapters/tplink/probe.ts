import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/** Header of every message: version, type, operation, length of the body, flags, a spare byte, a number of the sender's, checksum. */
export const HEADER = 16;
/** Stands in the place of the checksum while that is calculated. */
const UNCHECKED = 0x5a6b7c8d;
const VERSION = 2;
const PROBE = 1;
/** The sender is not set up as a device is, and names a key. */
const WITH_KEY = 0x11;

/**
 * Devices encrypt for this key what they do not tell everybody (the name of their Wi-Fi, their owner's number), and answer only to who names one. Nobody
 * reads that here: the private half was thrown away.
 */
const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArg1/u4wRBZakuNgeKqnU
d//x1pP8gZ3eSs582n1d3aI/G1kWDNkBUTAZ7kMHB6kzxv1gVbLtVO/54ZUBtXKx
X4tQDplVfKqW1XnXs6x08BhyTP/Lj+J90QrIhIabETaV3kIH0jniLxCJ/ak0WkaY
GQu/EzO2Er3wLpNd63gKl51Ao0dg/FB0Z8YzIoa+beKzumm5Btez6n/gKCJ3ll73
7TrlMkjyclL7qcEVtLEmzZnSUmVUMzFSOcY3uNKD6jRtyQ9BmTfFyEGDjG/aQyDw
z/a1WmuPoHsIjrPYN+ObKLlUf2HbpVKSUwbph6z9Z13OQ8G4w0XVuwBL210bq6Se
6QIDAQAB
-----END PUBLIC KEY-----
`;

/** The older probe, without a body: plugs and bulbs answer to it (python-kasa, `DISCOVERY_QUERY_2`). */
export function plainProbe(): Uint8Array {
  return message(0, 0, Buffer.alloc(0));
}

/** The probe that Tapo cameras answer to (python-kasa 0.12, `kasa/discover.py`, `_AesDiscoveryQuery`, and its pull request 1168). */
export function probeWithKey(): Uint8Array {
  const body = JSON.stringify({ params: { rsa_key: PUBLIC_KEY } });
  return message(WITH_KEY, randomBytes(4).readUInt32BE(0), Buffer.from(body, "utf8"));
}

function message(flags: number, sender: number, body: Uint8Array): Uint8Array {
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(VERSION, 0);
  header.writeUInt16BE(PROBE, 2);
  header.writeUInt16BE(body.length, 4);
  header.writeUInt8(flags, 6);
  header.writeUInt32BE(sender, 8);
  header.writeUInt32BE(UNCHECKED, 12);
  const whole = Buffer.concat([header, body]);
  whole.writeUInt32BE(crc32(whole), 12);
  return whole;
}
