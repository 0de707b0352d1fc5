/** One interleaved frame as bytes (RFC 2326 §10.12). @throws RangeError beyond 65,535 bytes or channel 255 */
export function encodeFrame(channel: number, payload: Uint8Array): Buffer {
  const head = Buffer.from("$\0\0\0", "latin1");
  head.writeUInt8(channel, 1);
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
