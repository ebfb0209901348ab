import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderVector } from "./vector-json.ts";

const float32 = fc.float({ min: -1, max: 1, noNaN: true });
/** As the numbers of real vectors are: around 1/√dimension. */
const small = fc.float({ min: Math.fround(-0.1), max: Math.fround(0.1), noNaN: true });

describe("a rendered vector", () => {
  it("is JSON that reads back as exactly the same float32 numbers", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(float32, small), { minLength: 1 }), (numbers) => {
        const vector = Float32Array.from(numbers);
        const { dimension, json } = renderVector(vector);
        expect(dimension).toBe(numbers.length);
        // What float32 can't tell from zero is zero, without a sign.
        expect(Float32Array.from(JSON.parse(String(json)))).toEqual(vector.map((number) => number || 0));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [[0, -0, 1, -1], "[0,0,1,-1]"],
    [[0.5, -0.25], "[0.500000000,-0.250000000]"],
    [[2 ** -6, 2 ** -7], "[0.015625000,0.0078125000]"],
    [[2 ** -16, 1e-30], "[0.0000152587891,1e-30]"],
    [[2 ** -10, 2 ** -11], "[0.0009765625,0.00048828125]"],
    [[1 - 2 ** -24], "[0.999999940]"],
  ])("%j is written as %s", (numbers, json) => {
    expect(String(renderVector(Float32Array.from(numbers)).json)).toBe(json);
  });

  it("spends few bytes", () => {
    const vector = Float32Array.from({ length: 768 }, (_, place) => Math.sin(place) / Math.sqrt(384));
    expect(renderVector(vector).json.length).toBeLessThan(768 * 13);
  });
});
