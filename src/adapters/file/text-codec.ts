/** How a document's text is stored. */
export type Encoding = "utf-8" | "utf-16le";

/** Little-endian UTF-16 where its byte-order mark says so, as Windows' registry editor exports; else UTF-8. */
export function encodingOf(bytes: Uint8Array): Encoding {
  return bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8";
}

/** The text, a byte-order mark included. @throws TypeError where the bytes are no such text */
export function decode(bytes: Uint8Array, encoding: Encoding): string {
  return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** The bytes of a text that `decode` gave, or of a changed one. */
export function encode(text: string, encoding: Encoding): Buffer {
  return Buffer.from(text, encoding === "utf-8" ? "utf8" : "utf16le");
}
