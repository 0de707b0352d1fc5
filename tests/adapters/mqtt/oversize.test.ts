import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LONGEST_PAYLOAD, OversizeFilter } from "../../../src/adapters/mqtt/oversize.ts";

/** A packet of that type whose body has so many bytes. */
function packet(type: number, bytes: number): Buffer {
  const digits: number[] = [];
  let left = bytes;
  do {
    digits.push((left % 128) + (left >= 128 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from([type << 4, ...digits]), Buffer.alloc(bytes, type)]);
}

function pass(input: Buffer, cuts: readonly number[]): { readonly output: Buffer; readonly tooLong: readonly number[] } {
  const tooLong: number[] = [];
  const filter = new OversizeFilter((bytes) => tooLong.push(bytes));
  const at = [0, ...cuts.map((cut) => cut % (input.length + 1)), input.length].toSorted((one, other) => one - other);
  const parts = at.slice(1).flatMap((end, index) => filter.pass(input.subarray(at[index], end)));
  return { output: Buffer.concat(parts), tooLong };
}

const LONG = LONGEST_PAYLOAD + 16 * 1024 + 1;

describe("what a broker sends", () => {
  test("all but overlong messages go on, byte by byte, wherever the chunks end", () => {
    const sizes = fc.array(fc.constantFrom(0, 1, 127, 128, 16_383, 16_384, LONG - 1, LONG, 2_097_152), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(), { maxLength: 12 }), (bodies, cuts) => {
        const packets = bodies.map((bytes) => packet(3, bytes));
        const { output, tooLong } = pass(Buffer.concat(packets), cuts);
        const kept = Buffer.concat(packets.filter((_packet, index) => (bodies[index] ?? 0) < LONG));
        expect(output.equals(kept)).toBe(true);
        expect(tooLong).toEqual(bodies.filter((bytes) => bytes >= LONG));
      }),
      { numRuns: 60 },
    );
  });

  test("a length without an end, and an overlong packet that is no message, are refused", () => {
    expect(() => pass(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]), [])).toThrow("a packet without an end");
    expect(() => pass(packet(9, LONG), [])).toThrow("a packet that is too long");
  });
});
