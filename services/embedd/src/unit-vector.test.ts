import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unitVector } from "./unit-vector.ts";

describe("numbers as a vector of length 1", () => {
  it("keep their direction, in float32", () => {
    const numbers = fc.array(fc.double({ min: -1e100, max: 1e100, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(numbers, (values) => {
        fc.pre(Math.hypot(...values) > 1e-100);
        const vector = unitVector(values) as Float32Array;
        expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
        const length = Math.hypot(...values);
        for (const [place, value] of values.entries()) expect(vector[place]).toBeCloseTo(value / length, 6);
      }),
    );
    expect(unitVector([3, 4])).toEqual(Float32Array.of(0.6, 0.8));
  });

  it.each([
    [[1, null], /finite/],
    [[1, "2"], /finite/],
    [[Number.NaN], /finite/],
    [[Number.POSITIVE_INFINITY], /finite/],
    [[0, 0], /zero/],
    [[], /zero/],
    [[1e200, 1e200], /too long/],
  ])("%j can't be one", (values, reason) => {
    expect(unitVector(values)).toMatch(reason);
  });
});
