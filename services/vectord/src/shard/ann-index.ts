import type { DistanceName } from "@lakehouse/contracts";
import type { BatchBytes } from "../formats/batch.ts";
import type { Parameters } from "../formats/log-record.ts";
import { squaredNorm } from "./distance.ts";
import type { VectorStore } from "./vector-store.ts";

/**
 * Approximate nearest neighbours: the port behind which an engine stands. It only proposes; ids, metadata, vectors and
 * distances are ours, and it can be built from them at any time. Labels are ours too: 0, 1, 2… in the order of adding.
 */
export interface AnnIndex {
  /** Vectors ever added, removed ones included. */
  readonly size: number;
  /** Whether it holds vectors in fewer bits than they have, so that its distances may mislead it. */
  readonly isRough: boolean;

  /** Whether it would hold vectors as it does if it were built anew. */
  fits(): boolean;

  /** @param vector finite, and of length 1 under cosine */
  add(label: number, vector: Float32Array): void;

  /** It is not found any more; its space comes back when the index is built anew. */
  remove(label: number): void;

  /**
   * About the k nearest, nearest first; fewer where it finds no more. `ef` is how widely it looks. Good until the next call.
   */
  search(query: Float32Array, k: number, ef: number): Proposals;

  /**
   * Writes itself to a file. Nothing may be added or removed until it is done.
   * @throws Error where the file is not whole
   */
  save(path: string): Promise<void>;

  /** Gives its memory back, after a `save` that is under way; from then on it is empty, and removals do nothing. */
  close(): void;
}

export interface Proposals {
  labels: Uint32Array;
  /** As the engine reckons, which may be roughly. */
  distances: Float32Array;
}

/** Some of the vectors that are or will be in it, one after the other, as `add` takes them. */
export type Sample = () => Float32Array;

/** `[vectord].engine`. */
export type EngineName = "native" | "hnswlib-node";

/** The vectors that a saved index must hold. */
export interface Held {
  vectors: VectorStore;
  /** By label: the slot of its vector, or -1 if it was removed. */
  slots: Int32Array;
}

export interface AnnEngine {
  /** Stands in files beside what `save` wrote: no engine loads what another one saved. */
  readonly name: EngineName;

  /** @param sample asked for at the first `add` */
  create(parameters: Parameters, sample: Sample): AnnIndex;

  /**
   * @param pieces bytes that `save` wrote, in order, or that somebody forged; their memory is given back
   * @param size how many vectors it was saved with
   * @param held which vectors these are
   * @throws Error if `save` could not have written this of these vectors with these parameters
   */
  load(
    pieces: readonly BatchBytes[],
    parameters: Parameters,
    size: number,
    sample: Sample,
    held: Held,
  ): Promise<AnnIndex>;
}

/** Squared lengths from here on could overflow distances in float32. */
const SQUARED_NORM_MAX = 1e36;

/**
 * A vector as an engine that computes in float32 can take it: of length 1 under cosine; undefined where its distances could
 * overflow.
 */
export function forEngine(vector: Float32Array, distance: DistanceName): Float32Array | undefined {
  if (distance !== "cosine") return squaredNorm(vector) < SQUARED_NORM_MAX ? vector : undefined;
  // In double precision neither 1e-30 nor 1e30 runs out of range.
  const norm = 1 / Math.sqrt(squaredNorm(vector));
  const unit = new Float32Array(vector.length);
  for (let i = 0; i < vector.length; i++) unit[i] = vector[i]! * norm;
  return unit;
}
