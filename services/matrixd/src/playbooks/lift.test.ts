import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distanceBetween, liftHits } from "./lift.ts";

const hit = (id: string, distance: number) => ({ id, distance, metadata: {} });

describe("lifting", () => {
  it("takes half of the score off the distance, and sorts anew", () => {
    const hits = [hit("near", 0.2), hit("chosen", 0.3), hit("far", 0.9)];
    expect(liftHits(hits, [{ corpus: "c", id: "chosen", score: 0.8 }])).toEqual([
      { ...hit("chosen", 0.3 * 0.6), playbook_boosted: true },
      hit("near", 0.2),
      hit("far", 0.9),
    ]);
  });

  it("never puts a hit further away, not even where distances are below zero", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (distance, score) => {
          const [lifted] = liftHits([hit("a", distance)], [{ corpus: "c", id: "a", score }]);
          expect(lifted!.distance).toBeLessThanOrEqual(distance);
          if (distance >= 0) expect(lifted!.distance).toBeCloseTo(distance * (1 - 0.5 * score), 9);
        },
      ),
    );
  });
});

describe("distance", () => {
  it.each([
    ["cosine", [3, 0], [0, 5], 1],
    ["cosine", [3, 4], [6, 8], 0],
    ["cosine", [1, 0], [-2, 0], 2],
    ["l2", [0, 0], [3, 4], 25],
    ["ip", [1, 1], [3, 4], -6],
  ] as const)("%s of %j and %j is %d, as vectord has it", (metric, a, b, wanted) => {
    expect(distanceBetween(a, b, metric)).toBeCloseTo(wanted, 12);
  });
});
