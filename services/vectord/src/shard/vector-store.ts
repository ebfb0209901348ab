import { open } from "node:fs/promises";
import type { DistanceName } from "@lakehouse/contracts";
import { DamagedError } from "../formats/damaged-error.ts";
import { vectorFault } from "./distance.ts";
import { CHUNK_ROWS, FILE_PIECE_BYTES } from "./limits.ts";
import { FlatVectors } from "./native.ts";

export type Chunk = Float32Array<ArrayBuffer>;

/**
 * The vectors of a shard as they were given, slot after slot, in chunks that never move: growth copies nothing.
 */
export class VectorStore {
  readonly dimension: number;
  readonly distance: DistanceName;
  readonly #chunks: Chunk[] = [];
  readonly flat: FlatVectors;

  constructor(dimension: number, distance: DistanceName) {
    this.dimension = dimension;
    this.distance = distance;
    this.flat = new FlatVectors(dimension, distance, CHUNK_ROWS);
  }

  set(slot: number, vector: Float32Array): void {
    while (this.#chunks.length <= chunkOf(slot)) this.#append(newChunk(this.dimension));
    this.#chunks[chunkOf(slot)]!.set(vector, rowOf(slot) * this.dimension);
    this.flat.measureLengths(slot, slot + 1);
  }

  /**
   * Takes over chunks that another thread has filled up to `count` rows.
   * @throws DamagedError where one is no vector of this distance
   */
  adopt(chunks: readonly Chunk[], count: number): void {
    for (const chunk of chunks) this.#append(chunk);
    const unusable = this.flat.measureLengths(0, count);
    if (unusable === -1) return;
    throw new DamagedError(`The vector of its row ${unusable}: ${vectorFault(this.vector(unusable), this.distance)}.`);
  }

  /** A view; of the slot, so copy what should outlive it. */
  vector(slot: number): Float32Array {
    const from = rowOf(slot) * this.dimension;
    return this.#chunks[chunkOf(slot)]!.subarray(from, from + this.dimension);
  }

  /** From a query to the vectors in these slots; smaller is nearer. Equal vectors are at equal distance wherever they are. */
  distances(query: Float32Array, slots: Uint32Array): Float64Array {
    const distances = new Float64Array(slots.length);
    this.flat.distances(query, slots, distances);
    return distances;
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
    this.flat.append(chunk);
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
