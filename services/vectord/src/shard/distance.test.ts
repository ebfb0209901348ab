import type { DistanceName } from "@lakehouse/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { squaredNorm, vectorFault } from "./distance.ts";
import { VectorStore } from "./vector-store.ts";

const float = fc.float({ noNaN: true, min: -1000, max: 1000 });
const pairs = fc.integer({ min: 1, max: 70 }).chain((length) => {
  const vector = fc.array(float, { minLength: length, maxLength: length });
  return fc.record({ slot: fc.nat(3_000), a: vector, b: vector });
});
const naive: Record<DistanceName, (a: number[], b: number[]) => number> = {
  l2: (a, b) => a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0),
  ip: (a, b) => 1 - product(a, b),
  cosine: (a, b) => 1 - product(a, b) / Math.sqrt(product(a, a) * product(b, b)),
};

function product(a: number[], b: number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

describe("distances of vectors of any length, in any slot", () => {
  it.each(["l2", "ip", "cosine"] as const)("agree with the plain sums under %s", (distance) => {
    fc.assert(
      fc.property(pairs, ({ slot, a, b }) => {
        fc.pre(distance !== "cosine" || (product(a, a) > 1e-9 && product(b, b) > 1e-9));
        const store = new VectorStore(a.length, distance);
        store.set(slot, Float32Array.from(a));
        const [found] = store.distances(Float32Array.from(b), Uint32Array.of(slot));
        expect(found).toBeCloseTo(naive[distance](a, b), 4);
      }),
      { numRuns: 200 },
    );
  });

  it("refuse what is not there", () => {
    const store = new VectorStore(2, "l2");
    store.set(0, Float32Array.of(1, 2));
    expect(() => store.distances(Float32Array.of(1, 2), Uint32Array.of(2 ** 20))).toThrow("slot");
    expect(() => store.distances(Float32Array.of(1), Uint32Array.of(0))).toThrow("dimension");
  });

  it.each([1e-30, 1, 1e30])("have the length of a vector of %f", (scale) => {
    expect(Math.sqrt(squaredNorm(Float32Array.of(3 * scale, 4 * scale))) / scale).toBeCloseTo(5, 5);
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
