import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { usearchPackage } from "./peer-packages.ts";

/** An index in this process, called on one thread. */
export interface Peer {
  name: string;
  /** Their labels are `from` and up. @returns vectors a second */
  add(vectors: readonly Float32Array[], from: number): number;
  /** Labels, nearest first. */
  search(query: Float32Array, k: number): number[];
}

export interface RawHnsw extends Peer {
  /** Writes the graph to a file. @returns its bytes */
  save(): number;
  /** Seconds to read vectord's file as bytes, and to load what `save` wrote. */
  load(indexFile: string): number;
  remove(): void;
}

export interface IndexSettings {
  n: number;
  dimension: number;
  m: number;
  efConstruction: number;
  ef: number;
}

/** hnswlib-node as vectord has it. */
export function rawHnsw({ n, dimension, m, efConstruction, ef }: IndexSettings): RawHnsw {
  const { HierarchicalNSW } = createRequire(import.meta.url)("hnswlib-node");
  const index = new HierarchicalNSW("cosine", dimension);
  index.initIndex(n, m, efConstruction);
  index.setEf(ef);
  const folder = mkdtempSync(join(tmpdir(), "lakehouse-bench-"));
  const graph = join(folder, "graph");
  return {
    name: "hnswlib-node, raw",
    add: (vectors, from) => {
      const points = vectors.map((vector) => Array.from(vector));
      return rateOf(points, (point, i) => index.addPoint(point, from + i));
    },
    search: (query, k) => index.searchKnn(Array.from(query), k).neighbors,
    save: () => {
      index.writeIndexSync(graph);
      return readFileSync(graph).length;
    },
    load: (indexFile) => {
      const started = performance.now();
      readFileSync(indexFile);
      new HierarchicalNSW("cosine", dimension).readIndexSync(graph);
      return (performance.now() - started) / 1_000;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** @throws Error where usearch can't be had */
export function usearch({ dimension, m, efConstruction, ef }: IndexSettings, quantization: "f32" | "bf16"): Peer {
  const { Index } = usearchPackage();
  const index = new Index({
    metric: "cos",
    dimensions: dimension,
    connectivity: m,
    expansion_add: efConstruction,
    expansion_search: ef,
    quantization,
  });
  return {
    name: `usearch ${quantization}, raw`,
    add: (vectors, from) => rateOf(vectors, (vector, i) => index.add(BigInt(from + i), vector, 1)),
    search: (query, k) => Array.from(index.search(query, k, 1).keys, Number),
  };
}

function rateOf<T>(items: readonly T[], work: (item: T, i: number) => unknown): number {
  const started = performance.now();
  for (const [i, item] of items.entries()) work(item, i);
  return (items.length * 1_000) / (performance.now() - started);
}
