import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Peer {
  name: string;
  addsPerSecond: number;
  search(query: Float32Array, k: number): number[];
}

export interface RawHnsw extends Peer {
  /** Seconds to read the index's file as bytes, and to load the graph. */
  load(indexFile: string): { readSeconds: number; loadSeconds: number };
  graphBytes: number;
}

interface Settings {
  dimension: number;
  m: number;
  efConstruction: number;
  ef: number;
}

const fromVectord = createRequire(new URL("../../services/vectord/package.json", import.meta.url));

/** hnswlib-node as vectord has it, called directly on one thread. */
export function rawHnsw(vectors: readonly Float32Array[], { dimension, m, efConstruction, ef }: Settings): RawHnsw {
  const { HierarchicalNSW } = fromVectord("hnswlib-node");
  const points = vectors.map((vector) => Array.from(vector));
  const index = new HierarchicalNSW("cosine", dimension);
  index.initIndex(vectors.length, m, efConstruction);
  const seconds = time(() => {
    for (const [label, point] of points.entries()) index.addPoint(point, label);
  });
  index.setEf(ef);
  const path = join(tmpdir(), `lakehouse-bench-${process.pid}.graph`);
  index.writeIndexSync(path);
  return {
    name: "hnswlib-node, raw",
    addsPerSecond: vectors.length / seconds,
    search: (query, k) => index.searchKnn(Array.from(query), k).neighbors,
    graphBytes: readFileSync(path).length,
    load: (indexFile) => ({
      readSeconds: time(() => readFileSync(indexFile)),
      loadSeconds: time(() => new HierarchicalNSW("cosine", dimension).readIndexSync(path)),
    }),
  };
}

/** usearch from the registry; undefined where it can't be had. It is a peer to compare with, not a part of the product. */
export function usearch(
  vectors: readonly Float32Array[],
  { dimension, m, efConstruction, ef }: Settings,
  quantization: "f32" | "bf16",
): Peer | undefined {
  const folder = join(tmpdir(), "lakehouse-bench-usearch");
  try {
    execFileSync("npm", ["install", "--silent", "--no-save", "--prefix", folder, "usearch@2.26.2"], {
      stdio: "ignore",
    });
    const { Index } = createRequire(join(folder, "package.json"))("usearch");
    const index = new Index({
      metric: "cos",
      dimensions: dimension,
      connectivity: m,
      expansion_add: efConstruction,
      expansion_search: ef,
      quantization,
    });
    const seconds = time(() => {
      for (const [key, vector] of vectors.entries()) index.add(BigInt(key), vector, 1);
    });
    return {
      name: `usearch ${quantization}, raw`,
      addsPerSecond: vectors.length / seconds,
      search: (query, k) => Array.from(index.search(query, k, 1).keys as BigUint64Array, Number),
    };
  } catch (error) {
    process.stderr.write(`usearch ${quantization}: ${(error as Error).message.split("\n")[0]}\n`);
    return undefined;
  }
}

export function time(work: () => unknown): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1_000;
}
