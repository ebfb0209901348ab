import { open } from "node:fs/promises";
import type { DistanceName } from "@lakehouse/contracts";
import { CHUNK_ROWS, FILE_PIECE_BYTES } from "../limits.ts";
import { dot, inverseNorm, squaredDistance } from "./distance.ts";

export type Chunk = Float32Array<ArrayBuffer>;

/** From a query to the vector in a slot; smaller is nearer. */
export type Measure = (slot: number) => number;

/**
 * The vectors of a shard as they were given, slot after slot, in chunks that never move: growth copies nothing.
 */
export class VectorStore {
  readonly dimension: number;
  readonly #distance: DistanceName;
  readonly #chunks: Chunk[] = [];
  /** Under cosine, one over the length of each vector. */
  readonly #inverseNorms: Float64Array[] = [];

  constructor(dimension: number, distance: DistanceName) {
    this.dimension = dimension;
    this.#distance = distance;
  }

  set(slot: number, vector: Float32Array): void {
    while (this.#chunks.length <= chunkOf(slot)) this.#append(newChunk(this.dimension));
    this.#chunks[chunkOf(slot)]!.set(vector, rowOf(slot) * this.dimension);
    this.#measureLength(slot);
  }

  /** Takes over chunks that another thread has filled up to `count` rows. */
  adopt(chunks: readonly Chunk[], count: number): void {
    for (const chunk of chunks) this.#append(chunk);
    for (let slot = 0; slot < count; slot++) this.#measureLength(slot);
  }

  /** A view; of the slot, so copy what should outlive it. */
  vector(slot: number): Float32Array {
    const from = rowOf(slot) * this.dimension;
    return this.#chunks[chunkOf(slot)]!.subarray(from, from + this.dimension);
  }

  /** In double precision and always by the same steps, so that equal vectors are at equal distance wherever they were found. */
  measure(query: Float32Array): Measure {
    const { dimension } = this;
    const chunks = this.#chunks;
    if (this.#distance === "l2") {
      return (slot) => squaredDistance(chunks[chunkOf(slot)]!, rowOf(slot) * dimension, query);
    }
    if (this.#distance === "ip") return (slot) => 1 - dot(chunks[chunkOf(slot)]!, rowOf(slot) * dimension, query);
    const norms = this.#inverseNorms;
    const norm = inverseNorm(query);
    return (slot) => {
      const cosine = dot(chunks[chunkOf(slot)]!, rowOf(slot) * dimension, query) * norm;
      // Rounding can take a vector's cosine with itself past 1 by the last bit.
      return Math.max(0, 1 - cosine * norms[chunkOf(slot)]![rowOf(slot)]!);
    };
  }

  /** One over its length; only under cosine. */
  inverseNorm(slot: number): number {
    return this.#inverseNorms[chunkOf(slot)]![rowOf(slot)]!;
  }

  /** Writes what is in these slots to a file, one after the other. Nothing may be set in them meanwhile. */
  async save(slots: readonly number[], path: string): Promise<void> {
    const rowsMax = Math.max(1, Math.floor(FILE_PIECE_BYTES / (this.dimension * Float32Array.BYTES_PER_ELEMENT)));
    await using file = await open(path, "w");
    for (let from = 0; from < slots.length; from += rowsMax) {
      const rows = slots.slice(from, from + rowsMax);
      const piece = new Float32Array(rows.length * this.dimension);
      for (const [row, slot] of rows.entries()) piece.set(this.vector(slot), row * this.dimension);
      await file.writeFile(piece);
    }
  }

  #append(chunk: Chunk): void {
    this.#chunks.push(chunk);
    if (this.#distance === "cosine") this.#inverseNorms.push(new Float64Array(CHUNK_ROWS));
  }

  #measureLength(slot: number): void {
    if (this.#distance === "cosine") {
      this.#inverseNorms[chunkOf(slot)]![rowOf(slot)] = inverseNorm(this.vector(slot));
    }
  }
}

export function newChunk(dimension: number): Chunk {
  return new Float32Array(CHUNK_ROWS * dimension);
}

export function chunkOf(slot: number): number {
  return Math.floor(slot / CHUNK_ROWS);
}

export function rowOf(slot: number): number {
  return slot % CHUNK_ROWS;
}
