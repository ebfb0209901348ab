import type { Condition, DistanceName } from "@lakehouse/contracts";
import fc from "fast-check";
import { encodeAdd } from "../src/formats/batch.ts";
import type { Parameters } from "../src/formats/log-record.ts";
import type { AnnEngine, EngineName } from "../src/shard/ann-index.ts";
import { loadEngine } from "../src/shard/engines.ts";
import { Shard } from "../src/shard/shard.ts";

export const all = () => true;
let engine: AnnEngine;

export async function useEngine(name: EngineName): Promise<void> {
  engine = await loadEngine(name);
}

function parameters(distance: DistanceName, dimension = 4): Parameters {
  return { dimension, distance, m: 8, ef_construction: 50, ef_search: 50 };
}

export function openShard(distance: DistanceName, dimension = 4): Shard {
  return new Shard(parameters(distance, dimension), engine);
}

export interface Item {
  id: string;
  vector: number[];
  metadata?: Record<string, unknown>;
}

export function add(shard: Shard, items: readonly Item[]) {
  const numbers = Float32Array.from(items.flatMap(({ vector }) => vector));
  const metadata = items.map(({ metadata }) => metadata && JSON.stringify(metadata));
  return shard.apply(
    encodeAdd(
      items.map(({ id }) => id),
      numbers,
      metadata,
    ),
    all,
  );
}

export function index(shard: Shard): void {
  while (shard.advance());
}

export function search(
  shard: Shard,
  vector: number[],
  options: { k?: number; exact?: boolean; filter?: [string, Condition][]; threshold?: number },
) {
  const { ids, distances, metadata } = shard.search({
    vector: Float32Array.from(vector),
    k: options.k ?? 10,
    ef: 50,
    exact: options.exact ?? false,
    filter: options.filter,
    include_vectors: false,
    full_scan_threshold: options.threshold ?? 0,
  });
  return ids.map((id, i) => ({ id, distance: distances[i]!, metadata: JSON.parse(metadata[i]!) }));
}

export const naiveDistance: Record<DistanceName, (a: number[], b: number[]) => number> = {
  l2: (a, b) => a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0),
  ip: (a, b) => 1 - product(a, b),
  cosine: (a, b) => 1 - product(a, b) / Math.sqrt(product(a, a) * product(b, b)),
};

function product(a: number[], b: number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

/** Few values, so that ties are common. */
const vector = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 });
const metadata = fc.record({ state: fc.constantFrom("IL", "WI", "IN"), years: fc.integer({ min: 0, max: 9 }) });
const someItems = fc.uniqueArray(
  fc.record({ id: fc.integer({ min: 0, max: 60 }).map(String), vector, metadata }, { requiredKeys: ["id", "vector"] }),
  { selector: ({ id }) => id, maxLength: 30 },
);
export const step = fc.oneof(
  someItems.map((items) => ({ kind: "add" as const, items })),
  fc
    .uniqueArray(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 30 })
    .map((ids) => ({ kind: "delete" as const, ids })),
  fc.constant({ kind: "index" as const }),
);
export const question = fc.record({
  vector,
  k: fc.integer({ min: 1, max: 12 }),
  filter: fc.option(
    fc.oneof(
      fc.constantFrom("IL", "XX").map((state): [string, Condition][] => [["state", state]]),
      fc.tuple(fc.nat(9), fc.nat(9)).map(([gte, lt]): [string, Condition][] => [["years", { gte, lt }]]),
    ),
    { nil: undefined },
  ),
});
