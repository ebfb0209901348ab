import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { DistanceName } from "@lakehouse/contracts";
import { temporaryFolder } from "@lakehouse/testing";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { copyBytes } from "../src/formats/batch.ts";
import { DamagedError } from "../src/formats/damaged-error.ts";
import type { Parameters } from "../src/formats/log-record.ts";
import type { AnnEngine, AnnIndex, EngineName, Held } from "../src/shard/ann-index.ts";
import { loadEngine } from "../src/shard/engines.ts";
import { VectorStore } from "../src/shard/vector-store.ts";
import { bruteForce, clusteredVectors, exactDistance } from "./random-vectors.ts";

/** The second has so many numbers that an engine may hold vectors in fewer bits. */
const DIMENSIONS = [8, 200];
const DISTANCES: DistanceName[] = ["cosine", "l2", "ip"];

/**
 * Of the ten nearest among 1,300, so much must be found. The inner product of vectors of any length is no metric: a graph by it
 * has elements to which no link leads.
 */
const RECALL_MIN: Record<DistanceName, number> = { cosine: 0.97, l2: 0.97, ip: 0.85 };

/** An engine may err by this share of the largest distance. */
const ERROR_SHARE_MAX = 1e-5;
/** One that holds vectors in fewer bits may err by this much between vectors of length 1. */
const ROUGH_ERROR_MAX = 5e-3;

export function parametersOf(distance: DistanceName, dimension: number): Parameters {
  return { dimension, distance, m: 8, ef_construction: 60, ef_search: 50 };
}

/** An index, and what must be in it. Closed when its scope ends: a property that fails opens thousands. */
export interface Filled extends Disposable {
  index: AnnIndex;
  vectors: Map<number, Float32Array>;
  parameters: Parameters;
}

export function fill(engine: AnnEngine, parameters: Parameters, count: number): Filled {
  const given = clusteredVectors(1, count, parameters);
  const index = engine.create(parameters, sampleOf(given));
  for (const [label, vector] of given.entries()) index.add(label, vector);
  return filledOf(index, new Map(given.entries()), parameters);
}

function filledOf(index: AnnIndex, vectors: Map<number, Float32Array>, parameters: Parameters): Filled {
  return { index, vectors, parameters, [Symbol.dispose]: () => index.close() };
}

/** What an index of so many vectors holds, less those that were removed. */
export function heldOf(
  vectors: ReadonlyMap<number, Float32Array>,
  { dimension, distance }: Parameters,
  size: number,
): Held {
  const store = new VectorStore(dimension, distance);
  const slots = new Int32Array(size).fill(-1);
  for (const [slot, [label, vector]] of [...vectors].entries()) {
    store.set(slot, vector);
    if (label < size) slots[label] = slot;
  }
  return { vectors: store, slots };
}

export function sampleOf(vectors: Iterable<Float32Array>): () => Float32Array {
  return () => Float32Array.from([...vectors].slice(0, 64).flatMap((vector) => [...vector]));
}

/**
 * Asserts that what it proposes is in it, once each, nearest first, at the right distance.
 * @returns how much of the k nearest was found
 */
function checkedRecall({ index, vectors, parameters }: Filled, query: Float32Array, k: number, ef: number): number {
  const { labels, distances } = index.search(query, k, ef);
  expect(new Set(labels).size).toBe(labels.length);
  expect(labels.length).toBeLessThanOrEqual(Math.min(k, vectors.size));
  expect(distances).toEqual(distances.toSorted());
  const tolerance = toleranceOf(index, vectors, query, parameters);
  for (const [i, label] of labels.entries()) {
    const exact = exactDistance(vectors.get(label)!, query, parameters.distance);
    expect(Math.abs(distances[i]! - exact)).toBeLessThanOrEqual(tolerance);
  }
  const wanted = bruteForce(vectors, query, k, parameters.distance);
  const reach = (wanted.at(-1)?.distance ?? 0) + tolerance;
  const isWanted = (label: number) => exactDistance(vectors.get(label)!, query, parameters.distance) <= reach;
  return wanted.length === 0 ? 1 : labels.filter(isWanted).length / wanted.length;
}

/** The ten nearest of each query. */
export function meanRecall(filled: Filled, queries: readonly Float32Array[], ef: number): number {
  return queries.reduce((sum, query) => sum + checkedRecall(filled, query, 10, ef), 0) / queries.length;
}

function toleranceOf(
  index: AnnIndex,
  vectors: ReadonlyMap<number, Float32Array>,
  query: Float32Array,
  { distance }: Parameters,
): number {
  if (index.isRough) return ROUGH_ERROR_MAX;
  const sizes = [...vectors.values()].map((vector) => Math.abs(exactDistance(vector, query, distance)));
  return ERROR_SHARE_MAX * Math.max(1, ...sizes);
}

export async function savedBytes(index: AnnIndex): Promise<Uint8Array<ArrayBuffer>> {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "graph");
  await index.save(path);
  return copyBytes(await readFile(path));
}

/** How often properties over `steps` are tried. One that fails ends at once: its seed says enough, and to shrink it takes minutes. */
export const fewRuns = { numRuns: 15, endOnFailure: true };

/** Several changes after each other; a replaced vector is one that is removed and one that is added. */
export const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("add" as const), count: fc.integer({ min: 1, max: 120 }) }),
    fc.record({ kind: fc.constant("remove" as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ kind: fc.constant("replace" as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  ),
  { maxLength: 8 },
);

/** What the port promises; each engine passes all of it. */
export function describeAnnEngine(name: EngineName): void {
  let engine: AnnEngine;
  beforeAll(async () => {
    engine = await loadEngine(name);
  });
  const cases = DISTANCES.flatMap((distance) => DIMENSIONS.map((dimension) => [distance, dimension] as const));

  it("has its own name", () => {
    expect(engine.name).toBe(name);
  });

  describe.each(cases)("under %s, with %i numbers", (distance, dimension) => {
    const parameters = parametersOf(distance, dimension);
    const queries = clusteredVectors(2, 20, parameters);

    it("proposes nothing before the first vector", () => {
      const index = engine.create(parameters, () => new Float32Array(0));
      expect(index.size).toBe(0);
      expect(index.search(queries[0]!, 10, 50).labels).toHaveLength(0);
      index.close();
    });

    it("finds nearly all of the nearest, and never what was removed, in any order of changes", () => {
      let recall = 0;
      let searches = 0;
      const property = fc.property(steps, fc.integer({ min: 1, max: 1_000_000 }), (changes, seed) => {
        using filled = changed(engine, parameters, changes, seed);
        for (const query of queries.slice(0, 3)) {
          recall += checkedRecall(filled, query, 10, Math.max(10, filled.index.size));
          searches += 1;
        }
      });
      fc.assert(property, { ...fewRuns, numRuns: 25 });
      expect(recall / searches).toBeGreaterThan(0.95);
    });

    it("grows as far as need be, and gives all that it has where more is asked for", () => {
      using filled = fill(engine, parameters, 1_300);
      expect(filled.index.size).toBe(1_300);
      const { labels } = filled.index.search(queries[0]!, 5_000, 5_000);
      expect(labels.length).toBeGreaterThan(1_300 * RECALL_MIN[distance]);
      for (const label of labels) expect(label).toBeLessThan(1_300);
    });

    it("looks as widely as each search says", () => {
      using filled = fill(engine, parameters, 1_300);
      const recallAt = (ef: number) => meanRecall(filled, queries, ef);
      const wide = recallAt(300);
      const narrow = recallAt(10);
      expect(wide).toBeGreaterThan(RECALL_MIN[distance]);
      expect(narrow).toBeLessThan(wide);
      expect(recallAt(300)).toBe(wide);
    });

    it("is after a load what it was when it was saved, and goes on", async () => {
      using filled = fill(engine, parameters, 400);
      const { index, vectors } = filled;
      for (const label of [0, 7, 399]) {
        index.remove(label);
        vectors.delete(label);
      }
      const bytes = await savedBytes(index);
      const cuts = [0, 96, 97, 5_001, 5_003, bytes.length - 1, bytes.length];
      const pieces = cuts.slice(1).map((end, i) => copyBytes(bytes.subarray(cuts[i], end)));
      const held = heldOf(vectors, parameters, 400);
      const loaded = await engine.load(pieces, parameters, 400, sampleOf(vectors.values()), held);
      using after = filledOf(loaded, vectors, parameters);
      expect(pieces.map(({ length }) => length)).toEqual(pieces.map(() => 0));
      expect([loaded.size, loaded.isRough, loaded.fits()]).toEqual([400, index.isRough, index.fits()]);
      for (const query of queries) {
        const { labels, distances } = index.search(query, 20, 100);
        expect(loaded.search(query, 20, 100)).toEqual({ labels: labels.slice(), distances: distances.slice() });
      }
      for (const [i, vector] of clusteredVectors(3, 700, parameters).entries()) {
        loaded.add(400 + i, vector);
        vectors.set(400 + i, vector);
      }
      loaded.remove(8);
      vectors.delete(8);
      expect(meanRecall(after, queries, 400)).toBeGreaterThan(RECALL_MIN[distance]);
    });

    it("refuses what it did not save with these parameters", async () => {
      using filled = fill(engine, parameters, 100);
      const { index, vectors } = filled;
      const held = heldOf(vectors, parameters, 100);
      const bytes = await savedBytes(index);
      const load = (given: Uint8Array, change: Partial<Parameters> = {}, size = 100) =>
        engine.load([copyBytes(given)], { ...parameters, ...change }, size, () => new Float32Array(0), held);
      await expect(load(bytes, { dimension: dimension + 1 })).rejects.toThrow(DamagedError);
      await expect(load(bytes, { m: 9 })).rejects.toThrow(DamagedError);
      await expect(load(bytes, {}, 99)).rejects.toThrow(DamagedError);
      await expect(load(bytes, {}, 101)).rejects.toThrow(DamagedError);
      await expect(load(Uint8Array.of(...bytes, 0))).rejects.toThrow(/longer than it says/);
      await expect(engine.load([], parameters, 100, () => new Float32Array(0), held)).rejects.toThrow(DamagedError);
      const [first, second, ...others] = vectors.values();
      const swapped = heldOf(new Map([second!, first!, ...others].entries()), parameters, 100);
      const ofOthers = engine.load([copyBytes(bytes)], parameters, 100, () => new Float32Array(0), swapped);
      await expect(ofOthers).rejects.toThrow(/not/);
      const cuts = fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        await expect(load(bytes.subarray(0, length))).rejects.toThrow(/shorter than/);
      });
      await fc.assert(cuts);
    });
  });

  it("does not say that it was saved where the file is not whole", async () => {
    await using folder = await temporaryFolder();
    using filled = fill(engine, parametersOf("l2", 8), 300);
    const { index } = filled;
    await expect(index.save(join(folder.path, "missing", "graph"))).rejects.toThrow();
    await symlink("/dev/full", join(folder.path, "full"));
    await expect(index.save(join(folder.path, "full"))).rejects.toThrow(DamagedError);
  });

  it("is searched while it is saved, and may be closed meanwhile", async () => {
    await using folder = await temporaryFolder();
    const parameters = parametersOf("l2", 200);
    using filled = fill(engine, parameters, 1_000);
    const saving = filled.index.save(join(folder.path, "graph"));
    const [query] = clusteredVectors(2, 1, parameters);
    expect(checkedRecall(filled, query!, 10, 300)).toBeGreaterThan(0.9);
    filled.index.close();
    await saving;
    // Removals that waited for the save come after it.
    filled.index.remove(3);
    expect(filled.index.search(query!, 10, 50).labels).toHaveLength(0);
    const pieces = [copyBytes(await readFile(join(folder.path, "graph")))];
    const held = heldOf(filled.vectors, parameters, 1_000);
    const index = await engine.load(pieces, parameters, 1_000, () => new Float32Array(0), held);
    using loaded = filledOf(index, filled.vectors, parameters);
    expect(checkedRecall(loaded, query!, 10, 300)).toBeGreaterThan(0.9);
  });
}

export type Step = ReturnType<(typeof steps)["generate"]>["value"][number];

export function changed(engine: AnnEngine, parameters: Parameters, changes: readonly Step[], seed: number): Filled {
  const given = clusteredVectors(seed, 1_000, parameters);
  const index = engine.create(parameters, sampleOf(given));
  const vectors = new Map<number, Float32Array>();
  const add = (count: number) => {
    for (const vector of given.splice(0, count)) {
      vectors.set(index.size, vector);
      index.add(index.size, vector);
    }
  };
  for (const change of changes) {
    if (change.kind === "add") add(change.count);
    else {
      const labels = [...vectors.keys()].filter((label) => (label * 7_919) % 100 < change.share * 100);
      for (const label of labels) {
        index.remove(label);
        vectors.delete(label);
      }
      if (change.kind === "replace") add(labels.length);
    }
  }
  return filledOf(index, vectors, parameters);
}
