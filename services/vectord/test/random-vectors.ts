import type { DistanceName } from "@lakehouse/contracts";
import type { Parameters } from "../src/formats/log-record.ts";
import { forEngine } from "../src/shard/ann-index.ts";

/** Numbers in [-1, 1), the same in each run. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  };
}

const CLUSTERS = 20;

/** Vectors in clusters, as embeddings are, in the form in which engines take them. */
export function clusteredVectors(seed: number, count: number, { dimension, distance }: Parameters): Float32Array[] {
  const random = numbers(seed);
  const centers = Array.from({ length: CLUSTERS }, () => Array.from({ length: dimension }, random));
  return Array.from({ length: count }, (_, row) => {
    const vector = Float32Array.from(centers[row % CLUSTERS]!, (center) => center + 0.5 * random());
    return forEngine(vector, distance)!;
  });
}

/** In double precision, of vectors as engines take them. */
export function exactDistance(a: Float32Array, b: Float32Array, distance: DistanceName): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += distance === "l2" ? (a[i]! - b[i]!) ** 2 : a[i]! * b[i]!;
  return distance === "l2" ? sum : 1 - sum;
}

/** The k nearest labels and their distances, nearest first. */
export function bruteForce(
  vectors: ReadonlyMap<number, Float32Array>,
  query: Float32Array,
  k: number,
  distance: DistanceName,
): { label: number; distance: number }[] {
  return [...vectors]
    .map(([label, vector]) => ({ label, distance: exactDistance(vector, query, distance) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, k);
}
