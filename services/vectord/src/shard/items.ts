import type { DistanceName } from "@lakehouse/contracts";
import type { Batch } from "../formats/batch.ts";
import { DamagedError } from "../formats/damaged-error.ts";
import { VectorStore } from "./vector-store.ts";

export const NO_METADATA = "{}";

/**
 * The items of a shard. Each has a slot for its vector, id and metadata; a replaced item moves to another slot, so what is
 * in a slot never changes while the slot is taken.
 */
export class Items {
  readonly vectors: VectorStore;
  readonly #ids: (string | undefined)[] = [];
  /** JSON texts. */
  readonly #metadata: string[] = [];
  readonly #slots = new Map<string, number>();
  #free: number[] = [];
  /** Free, but still read by whoever holds them. */
  #retired: number[] | undefined;

  constructor(dimension: number, distance: DistanceName) {
    this.vectors = new VectorStore(dimension, distance);
  }

  get count(): number {
    return this.#slots.size;
  }

  /** All slots that were ever taken are below it. */
  get slotCount(): number {
    return this.#ids.length;
  }

  slotOf(id: string): number | undefined {
    return this.#slots.get(id);
  }

  isTaken(slot: number): boolean {
    return this.#ids[slot] !== undefined;
  }

  /** Of a slot that is taken. */
  idIn(slot: number): string {
    return this.#ids[slot]!;
  }

  metadataIn(slot: number): string {
    return this.#metadata[slot]!;
  }

  /** @returns the slot of the new item */
  insert(id: string, vector: Float32Array, metadata: string): number {
    const slot = this.#free.pop() ?? this.#ids.length;
    this.vectors.set(slot, vector);
    this.#ids[slot] = id;
    this.#metadata[slot] = metadata;
    this.#slots.set(id, slot);
    return slot;
  }

  remove(id: string): void {
    const slot = this.#slots.get(id)!;
    this.#slots.delete(id);
    this.#ids[slot] = undefined;
    (this.#retired ?? this.#free).push(slot);
  }

  /** For what comes out of a file: row i is in slot i. @throws DamagedError where two have one id */
  adopt(rows: Batch): void {
    for (let slot = 0; slot < rows.count; slot++) {
      const id = rows.id(slot);
      this.#ids.push(id);
      this.#metadata.push(rows.metadata(slot) ?? NO_METADATA);
      this.#slots.set(id, slot);
    }
    if (this.#slots.size !== rows.count) throw new DamagedError("Two of its items have the same id.");
  }

  takenSlots(): number[] {
    return [...this.#slots.values()];
  }

  /** At most so many of them, from all over. */
  someTakenSlots(max: number): number[] {
    const taken = this.takenSlots();
    const step = Math.max(1, Math.ceil(taken.length / max));
    return taken.filter((_, i) => i % step === 0);
  }

  /** The slots that are taken now; what is in them stays until `release`. One at a time. */
  hold(): number[] {
    this.#retired = [];
    return this.takenSlots();
  }

  release(): void {
    this.#free.push(...(this.#retired ?? []));
    this.#retired = undefined;
  }
}
