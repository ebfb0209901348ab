import fc from "fast-check";
import { expect, it } from "vitest";
import { bitWidth, packedBits, packedValues, repeatedRun } from "./rle-hybrid.ts";

/** Reads one run as the specification words it, with BigInt in place of shifts. */
function readRun(bytes: Uint8Array, width: number): number[] {
  let head = 0n;
  let at = 0;
  do head |= BigInt(bytes[at]! & 0x7f) << BigInt(7 * at);
  while ((bytes[at++]! & 0x80) !== 0);
  const count = Number(head >> 1n);
  if ((head & 1n) === 0n) return new Array<number>(count).fill(bytes[at]!);
  const packed = bytes.subarray(at).reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
  expect(bytes.length - at).toBe(count * width);
  const mask = (1n << BigInt(width)) - 1n;
  return Array.from({ length: count * 8 }, (_, index) => Number((packed >> BigInt(index * width)) & mask));
}

it("packed values of any width are read back", () => {
  const column = fc
    .integer({ min: 1, max: 1 << 20 })
    .chain((entries) =>
      fc.record({ entries: fc.constant(entries), values: fc.array(fc.nat(entries - 1), { maxLength: 70 }) }),
    );
  fc.assert(
    fc.property(column, ({ entries, values }) => {
      const width = Math.max(1, bitWidth(entries));
      expect(readRun(packedValues(Int32Array.from(values), width), width).slice(0, values.length)).toEqual(values);
    }),
  );
});

it("bits and repeated values are read back, also past the first byte of a length", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bits) => {
      const expected = Array.from({ length: bits.length * 8 }, (_, row) => (bits[row >> 3]! >> (row & 7)) & 1);
      expect(readRun(packedBits(bits.length * 8, bits), 1)).toEqual(expected);
    }),
  );
  for (const count of [0, 1, 63, 64, 20_480])
    expect(readRun(repeatedRun(count, 1), 1)).toEqual(new Array(count).fill(1));
});

it("a width holds every value below a count, and no narrower one does", () => {
  expect([0, 1, 2, 3, 4, 5, 256, 257].map(bitWidth)).toEqual([0, 0, 1, 2, 2, 3, 8, 9]);
});
