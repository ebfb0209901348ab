import type { DistanceName } from "@lakehouse/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyBytes, encodeAdd, encodeDelete } from "../src/formats/batch.ts";
import type { AnnEngine } from "../src/shard/ann-index.ts";
import { loadEngine } from "../src/shard/engines.ts";
import { Shard } from "../src/shard/shard.ts";
import {
  changed,
  fewRuns,
  fill,
  heldOf,
  meanRecall,
  parametersOf,
  sampleOf,
  savedBytes,
  steps,
} from "./ann-engine-suite.ts";
import { clusteredVectors } from "./random-vectors.ts";

const native = await loadEngine("native");
const reference = await loadEngine("hnswlib-node");

/** Here the native engine holds vectors as the reference does. */
const sameCodes: [DistanceName, number][] = [
  ["cosine", 8],
  ["cosine", 127],
  ["l2", 8],
  ["l2", 200],
  ["ip", 8],
  ["ip", 200],
];
/** Here it holds a byte a number. */
const byteCodes: [DistanceName, number][] = [
  ["cosine", 128],
  ["cosine", 300],
];
const seeds = fc.integer({ min: 1, max: 1_000_000 });

/** The native engine may find this much less of the nearest, and no less. */
const RECALL_LOSS_MAX = 0.02;

describe.each(sameCodes)("under %s with %i numbers, in float32, the native engine", (distance, dimension) => {
  const parameters = parametersOf(distance, dimension);
  const queries = clusteredVectors(2, 10, parameters);

  it("builds the reference's graph, to the byte, whatever is added, replaced and removed", async () => {
    const property = fc.asyncProperty(steps, seeds, async (changes, seed) => {
      using ours = changed(native, parameters, changes, seed);
      using theirs = changed(reference, parameters, changes, seed);
      expect(ours.index.size).toBe(theirs.index.size);
      if (ours.index.size > 0) expect(await savedBytes(ours.index)).toEqual(await savedBytes(theirs.index));
    });
    await fc.assert(property, fewRuns);
  });

  it("proposes what the reference proposes, at the same distances", () => {
    const property = fc.property(steps, seeds, fc.integer({ min: 1, max: 200 }), (changes, seed, ef) => {
      using ours = changed(native, parameters, changes, seed);
      using theirs = changed(reference, parameters, changes, seed);
      for (const query of queries) {
        const found = ours.index.search(query, 10, ef);
        const wanted = theirs.index.search(query, 10, ef);
        expect(found.labels).toEqual(wanted.labels);
        for (const [i, expected] of wanted.distances.entries()) {
          expect(Math.abs(found.distances[i]! - expected)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(expected)));
        }
      }
    });
    fc.assert(property, fewRuns);
  });

  it("reads what the reference wrote as the reference does, and the other way round", async () => {
    using filled = fill(reference, parameters, 500);
    const { index, vectors } = filled;
    index.remove(11);
    vectors.delete(11);
    const held = heldOf(vectors, parameters, 500);
    const bytes = await savedBytes(index);
    for (const engine of [native, reference]) {
      const loaded = await engine.load([copyBytes(bytes)], parameters, 500, sampleOf(vectors.values()), held);
      for (const query of queries) {
        expect(loaded.search(query, 10, 50).labels).toEqual(index.search(query, 10, 50).labels);
      }
      expect(await savedBytes(loaded)).toEqual(bytes);
      loaded.close();
    }
  });
});

describe.each(byteCodes)("under %s with %i numbers, in bytes, the native engine", (distance, dimension) => {
  const parameters = parametersOf(distance, dimension);
  const queries = clusteredVectors(2, 20, parameters);

  it("finds as much of the nearest as the reference, whatever is added, replaced and removed", () => {
    const property = fc.property(steps, seeds, (changes, seed) => {
      using ours = changed(native, parameters, changes, seed);
      using theirs = changed(reference, parameters, changes, seed);
      expect(ours.index.size === 0 || ours.index.isRough).toBe(true);
      const wanted = meanRecall(theirs, queries, 60);
      expect(meanRecall(ours, queries, 60)).toBeGreaterThanOrEqual(wanted - RECALL_LOSS_MAX);
    });
    fc.assert(property, fewRuns);
  });
});

describe.each([...sameCodes, ...byteCodes])("a shard under %s with %i numbers", (distance, dimension) => {
  it("answers with both engines alike: exact distances, and as much of the nearest", () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 5 }),
      seeds,
      (sizes, seed) => {
        using opened = new DisposableStack();
        const [ours, theirs] = [native, reference].map((engine) =>
          opened.adopt(changedShard(engine, distance, dimension, sizes, seed), (shard) => shard.close()),
        );
        const queries = clusteredVectors(seed + 1, 10, parametersOf(distance, dimension));
        const [found, wanted] = [ours!, theirs!].map((shard) => shardRecall(shard, queries));
        expect(found).toBeGreaterThanOrEqual(wanted! - RECALL_LOSS_MAX);
      },
    );
    fc.assert(property, { ...fewRuns, numRuns: 8 });
  });
});

/** Batches of these sizes, each of which replaces some items of the one before it and deletes others. */
function changedShard(
  engine: AnnEngine,
  distance: DistanceName,
  dimension: number,
  sizes: readonly number[],
  seed: number,
): Shard {
  const parameters = parametersOf(distance, dimension);
  const shard = new Shard(parameters, engine);
  for (const [number, size] of sizes.entries()) {
    const ids = Array.from({ length: size }, (_, i) => `${(number * 150 + i) % 700}`);
    const vectors = clusteredVectors(seed + number, size, parameters);
    const rows = Float32Array.from(vectors.flatMap((vector) => [...vector]));
    shard.apply(
      encodeAdd(
        ids,
        rows,
        ids.map(() => undefined),
      ),
      () => true,
    );
    while (shard.advance());
    shard.apply(encodeDelete(ids.filter((_, i) => i % 5 === number % 5)), () => true);
  }
  return shard;
}

/** How much of the ten nearest it finds by its graph; their distances are those of a scan. */
function shardRecall(shard: Shard, queries: readonly Float32Array[]): number {
  const ask = (vector: Float32Array, exact: boolean) =>
    shard.search({ vector, k: 10, ef: 60, exact, filter: undefined, include_vectors: false, full_scan_threshold: 0 });
  let found = 0;
  let wanted = 0;
  for (const query of queries) {
    const exact = ask(query, true);
    const distances = new Map(exact.ids.map((id, i) => [id, exact.distances[i]!]));
    const { ids, distances: given } = ask(query, false);
    wanted += exact.ids.length;
    for (const [i, id] of ids.entries()) {
      if (!distances.has(id)) continue;
      found += 1;
      expect(given[i]).toBe(distances.get(id));
    }
  }
  return wanted === 0 ? 1 : found / wanted;
}
