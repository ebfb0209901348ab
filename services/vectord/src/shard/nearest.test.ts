import fc from "fast-check";
import { expect, it } from "vitest";
import { Nearest } from "./nearest.ts";

it("keeps the k nearest of anything offered, nearest first, ties by id", () => {
  const offers = fc.array(fc.record({ distance: fc.integer({ min: -3, max: 3 }), id: fc.string({ maxLength: 2 }) }));
  fc.assert(
    fc.property(offers, fc.integer({ min: 1, max: 12 }), (items, k) => {
      const ids = items.map(({ id }, slot) => `${id}-${slot}`);
      const nearest = new Nearest(k, (slot) => ids[slot]!);
      items.forEach(({ distance }, slot) => {
        nearest.offer(distance, slot);
      });
      const wanted = items
        .map(({ distance }, slot) => ({ distance, slot }))
        .sort((a, b) => a.distance - b.distance || (ids[a.slot]! < ids[b.slot]! ? -1 : 1))
        .slice(0, k);
      expect(nearest.size).toBe(wanted.length);
      expect(nearest.take()).toEqual(wanted);
      expect(nearest.size).toBe(0);
    }),
    { numRuns: 500 },
  );
});
