import fc from "fast-check";
import { expect, it } from "vitest";
import { Int64Words } from "./int64-words.ts";

const values = new BigInt64Array(1);
const words = new Int64Words(values);

it("a number is written as its BigInt is", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      words.set(0, value);
      expect(values[0]).toBe(BigInt(value));
    }),
  );
});

it("seconds and microseconds from year 1 to 9999 are written exactly, also past 2^53", () => {
  const second = fc.integer({ min: -62_135_683_140, max: 253_402_387_139 });
  fc.assert(
    fc.property(second, fc.nat(999_999), (seconds, micros) => {
      words.setMicros(0, seconds, micros);
      expect(values[0]).toBe(BigInt(seconds) * 1_000_000n + BigInt(micros));
    }),
    {
      examples: [
        [-1, 999_999],
        [4_294, 967_296],
        [253_402_387_139, 999_999],
      ],
    },
  );
});
