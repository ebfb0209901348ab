import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fuse, type RankedCorpus } from "./fusion.ts";

/** Few distances and ids, so that ties come up; each corpus and each id in it once, nearest first. */
const hitArbitrary = fc.record({
  id: fc.constantFrom("a", "b", "c", "Z", "é"),
  distance: fc.constantFrom(-1, 0, 0.5, 2),
  metadata: fc.constant({}),
});
const listsArbitrary = fc
  .uniqueArray(
    fc.record({
      corpus: fc.constantFrom("east", "west", "_north", "South"),
      hits: fc.uniqueArray(hitArbitrary, { selector: ({ id }) => id }),
    }),
    { selector: ({ corpus }) => corpus },
  )
  .map((lists) =>
    lists.map(({ corpus, hits }) => ({ corpus, hits: hits.toSorted((x, y) => x.distance - y.distance) })),
  );

describe("merging by distance", () => {
  it("gives the first k of all hits in the order of (distance, corpus, id), whatever the order of the corpora", () => {
    fc.assert(
      fc.property(listsArbitrary, fc.integer({ min: 1, max: 12 }), (lists, k) => {
        const naive = lists.flatMap(({ corpus, hits }) =>
          hits.map(({ id, distance }) => [distance, corpus, id] as const),
        );
        naive.sort((a, b) =>
          a[0] !== b[0] ? a[0] - b[0] : a[1] !== b[1] ? (a[1] < b[1] ? -1 : 1) : a[2] < b[2] ? -1 : 1,
        );
        const fused = (some: RankedCorpus[]) =>
          fuse(some, "distance", k).map(({ distance, corpus, id }) => [distance, corpus, id]);
        expect(fused(lists)).toEqual(naive.slice(0, k));
        expect(fused(lists.toReversed())).toEqual(naive.slice(0, k));
      }),
    );
  });
});

describe("merging by rank", () => {
  it("scores a hit by its place in its corpus alone, and never puts it before one that its corpus ranks higher", () => {
    fc.assert(
      fc.property(listsArbitrary, (lists) => {
        const fused = fuse(lists, "rrf", 1_000);
        for (const { corpus, hits } of lists) {
          const own = fused.filter((hit) => hit.corpus === corpus);
          expect(own.map(({ id }) => id)).toEqual(hits.map(({ id }) => id));
          expect(own.map(({ score }) => score)).toEqual(hits.map((_, place) => 1 / (61 + place)));
        }
        expect(fused.map(({ score }) => score)).toEqual(fused.map(({ score }) => score!).toSorted((a, b) => b - a));
      }),
    );
  });
});
