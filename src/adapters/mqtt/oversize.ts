/** The longest payload that is taken, in bytes: 64 KiB. */
export const LONGEST_PAYLOAD = 64 * 1024;
/** Beside the payload: the topic, and the properties of MQTT 5. */
const LONGEST_PACKET = LONGEST_PAYLOAD + 16 * 1024;
const PUBLISH = 3;

/** What a broker sends is no MQTT, or a packet that no broker needs to send. */
class FramingError extends Error {
  override readonly name = "FramingError";
}

/**
 * Takes overlong messages out of what a broker sends, without ever holding one: a parser of MQTT keeps a packet in memory until it is whole, and a packet
 * may have 256 MB (MQTT 5 §2.1.4: type, then the length in up to four bytes of seven bits). What is left goes on byte by byte as it came. Only fit where
 * every subscription has QoS 0: the dropped message is not acknowledged.
 */
export class OversizeFilter {
  readonly #onTooLong: (bytes: number) => void;
  #head: number[] = [];
  /** Of the present packet, bytes to come. */
  #left = 0;
  #drops = false;

  constructor(onTooLong: (bytes: number) => void) {
    this.#onTooLong = onTooLong;
  }

  /** @returns what is to go on of these bytes @throws FramingError */
  pass(chunk: Uint8Array): readonly Uint8Array[] {
    const kept: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const end = Math.min(chunk.length, at + this.#left);
        if (!this.#drops) kept.push(chunk.subarray(at, end));
        this.#left -= end - at;
        at = end;
        continue;
      }
      const byte = chunk[at] ?? 0;
      at += 1;
      this.#head.push(byte);
      if (this.#head.length === 1 || byte >= 0x80) {
        if (this.#head.length >= 5) throw new FramingError("a packet without an end");
        continue;
      }
      this.#begin(kept);
    }
    return kept;
  }

  /** The head of a packet is whole. */
  #begin(kept: Uint8Array[]): void {
    const [type = 0, ...digits] = this.#head;
    this.#left = digits.reduce((sum, digit, index) => sum + (digit & 0x7f) * 128 ** index, 0);
    this.#drops = this.#left > LONGEST_PACKET;
    if (this.#drops && type >> 4 !== PUBLISH) throw new FramingError("a packet that is too long");
    if (this.#drops) this.#onTooLong(this.#left);
    else kept.push(Uint8Array.from(this.#head));
    this.#head = [];
  }
}
