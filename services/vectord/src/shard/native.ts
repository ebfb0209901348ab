import { createRequire } from "node:module";
import type { DistanceName } from "@lakehouse/contracts";

/** Vectors in chunks of rows, and exact distances to them. Of one thread. */
export interface FlatVectors {
  /** It must not move or be detached. Its rows are the next slots. */
  append(chunk: Float32Array): void;
  /**
   * The vectors in the slots from … to − 1 were set.
   * @returns the first one that has no distances: not finite, or under cosine all zeros; -1 where all have
   */
  measureLengths(from: number, to: number): number;
  /**
   * In double precision and always by the same steps, so that equal vectors are at equal distance wherever they were found.
   * @param distances takes them, as many as both arrays hold
   */
  distances(query: Float32Array, slots: Uint32Array, distances: Float64Array): void;
}

/** How a graph holds vectors: as they are, or as one byte a number. */
export type GraphCodes = "float32-l2" | "float32-ip" | "int8-ip";

/** hnswlib's graph. Of one thread, and closed by hand. */
export interface HnswGraph {
  /** @param label one more than the last. @throws Error where there is no memory */
  add(label: number, vector: Float32Array): void;
  /** It is passed through, and not found any more. */
  remove(label: number): void;
  /**
   * Nearest first: labels and distances as the codes give them, as many as `labels` takes.
   * @returns how many there are
   */
  search(query: Float32Array, ef: number, labels: Uint32Array, distances: Float32Array): number;
  /** Resolves even where the disk is full. Nothing may be added or removed meanwhile. */
  save(path: string): Promise<void>;
  /**
   * Into one that is empty: the next piece of what `save` wrote, whose header must be one of such a graph.
   * @returns whether that was all of it
   * @throws Error where it is not as long as it says, or there is no memory
   */
  load(piece: Uint8Array): boolean;
  /**
   * Checks a loaded graph against its vectors: the entry point, and the nodes from … to − 1. Neither search it nor add to it before all
   * nodes are checked, since a link may lead anywhere.
   * @param slots by label: the slot of its vector, or -1 if it was removed
   * @throws Error that names the first node that is wrong
   */
  check(vectors: FlatVectors, slots: Int32Array, from: number, to: number): void;
  close(): void;
}

/** services/vectord/native, which scripts/setup compiles. */
interface Addon {
  FlatVectors: new (dimension: number, distance: DistanceName, chunkRows: number) => FlatVectors;
  /** Whether bytes keep the distances between these vectors of length 1, one after the other. */
  int8Suits(vectors: Float32Array, dimension: number): boolean;
  HnswGraph: new (dimension: number, codes: GraphCodes, m: number, efConstruction: number) => HnswGraph;
}

export const { FlatVectors, HnswGraph, int8Suits } = createRequire(import.meta.url)(
  "../../native/build/addon.node",
) as Addon;
