import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dot, inverseNorm, squaredDistance, vectorFault } from "./distance.ts";

const numbers = fc.integer({ min: 1, max: 70 }).chain((length) =>
  fc.record({
    offset: fc.nat(9),
    a: fc.float32Array({ minLength: length, maxLength: length, noNaN: true, min: -1000, max: 1000 }),
    b: fc.float32Array({ minLength: length, maxLength: length, noNaN: true, min: -1000, max: 1000 }),
  }),
);

describe("distances of any length, anywhere in a longer array", () => {
  const naive = (a: Float32Array, b: Float32Array, term: (x: number, y: number) => number) =>
    a.reduce((sum, x, i) => sum + term(x, b[i]!), 0);

  it("agree with the plain sums", () => {
    fc.assert(
      fc.property(numbers, ({ offset, a, b }) => {
        const long = new Float32Array(offset + a.length + 3).fill(Number.NaN);
        long.set(a, offset);
        expect(dot(long, offset, b)).toBeCloseTo(
          naive(a, b, (x, y) => x * y),
          4,
        );
        expect(squaredDistance(long, offset, b)).toBeCloseTo(
          naive(a, b, (x, y) => (x - y) ** 2),
          4,
        );
      }),
    );
  });

  it.each([1e-30, 1, 1e30])("has the length of a vector of %f", (scale) => {
    expect(inverseNorm(Float32Array.of(3 * scale, 4 * scale)) * scale).toBeCloseTo(0.2, 6);
  });
});

describe("vectorFault", () => {
  it.each([
    ["cosine", [0, 0], /all zeros/],
    ["cosine", [1e-60, 0], /all zeros/],
    ["l2", [1, 1e39], /its number 1 is not finite/],
    ["ip", [Number.NaN], /its number 0 is not finite/],
  ] as const)("%s %o", (distance, vector, wanted) => {
    expect(vectorFault(Float32Array.from(vector), distance)).toMatch(wanted);
  });

  it("lets zeros pass where they have a place, and the largest float32", () => {
    expect(vectorFault(new Float32Array(3), "l2")).toBeUndefined();
    expect(vectorFault(Float32Array.of(3.4028234e38), "cosine")).toBeUndefined();
  });
});
