import type { AnnIndex } from "./ann-index.ts";

/** Of a slot that is not in the graph. */
export const NO_LABEL = -1;
const NO_SLOT = -1;

/** The vector in a slot as the engine wants it; undefined where the engine can't take it. */
export type VectorOf = (slot: number) => Float32Array | undefined;

/** Nearest first, by what the engine reckons, which may be rough. */
export interface ProposedSlots {
  slots: Uint32Array;
  reckoned: Float32Array;
}

/**
 * A graph over slots that is brought up to date in the background: new slots wait in line, and whoever searches looks at
 * those by itself. So an add costs the same however large the graph is.
 */
export class LaggingGraph {
  readonly #index: AnnIndex;
  readonly #vectorOf: VectorOf;
  /** By label; NO_SLOT where the item is gone. */
  readonly #slots: number[];
  /** By slot; NO_LABEL where it is not in the graph. */
  readonly #labels: number[] = [];
  readonly #waiting = new Set<number>();
  #line = this.#waiting.values();
  /** The engine can't hold these; they are always looked at. */
  readonly #refused = new Set<number>();
  #dead: number;
  /** While the graph is frozen: labels to be removed afterwards. */
  #removals: number[] | undefined;

  /** @param labels by slot, of a graph that was loaded */
  constructor(index: AnnIndex, vectorOf: VectorOf, labels: Int32Array = new Int32Array(0)) {
    this.#index = index;
    this.#vectorOf = vectorOf;
    this.#slots = new Array<number>(index.size).fill(NO_SLOT);
    for (let slot = 0; slot < labels.length; slot++) {
      const label = labels[slot]!;
      this.#labels[slot] = label;
      if (label !== NO_LABEL) this.#slots[label] = slot;
    }
    this.#dead = this.#slots.filter((slot) => slot === NO_SLOT).length;
  }

  /** Vectors in it, dead ones included: with that many labels it is saved. */
  get size(): number {
    return this.#slots.length;
  }

  /** Whether it would hold vectors as it does if it were built anew. */
  fits(): boolean {
    return this.#index.fits();
  }

  /** Items in it. */
  get alive(): number {
    return this.size - this.#dead;
  }

  /** Vectors in it that are not items any more. */
  get dead(): number {
    return this.#dead;
  }

  /** Slots that wait to be added. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Slots that `search` does not find. */
  unindexed(): Uint32Array {
    const slots = new Uint32Array(this.#waiting.size + this.#refused.size);
    let size = 0;
    for (const slot of this.#waiting) slots[size++] = slot;
    for (const slot of this.#refused) slots[size++] = slot;
    return slots;
  }

  labelOf(slot: number): number {
    return this.#labels[slot] ?? NO_LABEL;
  }

  enqueue(slot: number): void {
    this.#waiting.add(slot);
  }

  remove(slot: number): void {
    if (this.#waiting.delete(slot) || this.#refused.delete(slot)) return;
    const label = this.labelOf(slot);
    this.#labels[slot] = NO_LABEL;
    this.#slots[label] = NO_SLOT;
    this.#dead += 1;
    if (this.#removals) this.#removals.push(label);
    else this.#index.remove(label);
  }

  /** Whether `advance` has something to do. */
  get lags(): boolean {
    return this.#waiting.size > 0 && !this.isFrozen;
  }

  /** Adds slots that wait, until the deadline (of `performance.now()`) has passed. */
  advance(deadline: number): void {
    while (this.lags && performance.now() < deadline) this.#addNext();
  }

  /** About the k nearest among those that are in the graph. */
  search(query: Float32Array, k: number, ef: number): ProposedSlots {
    const wanted = k + (this.#removals?.length ?? 0);
    const { labels, distances } = this.#index.search(query, wanted, Math.max(ef, wanted));
    const slots = new Uint32Array(labels.length);
    let size = 0;
    for (let i = 0; i < labels.length; i++) {
      const slot = this.#slots[labels[i]!]!;
      if (slot === NO_SLOT) continue;
      slots[size] = slot;
      distances[size++] = distances[i]!;
    }
    return { slots: slots.subarray(0, size), reckoned: distances.subarray(0, size) };
  }

  /** Until `thaw` the graph is only searched, so that it can be written to a file. */
  freeze(): void {
    this.#removals = [];
  }

  /** @throws Error where the file is not whole */
  save(path: string): Promise<void> {
    return this.#index.save(path);
  }

  get isFrozen(): boolean {
    return this.#removals !== undefined;
  }

  thaw(): void {
    for (const label of this.#removals ?? []) this.#index.remove(label);
    this.#removals = undefined;
  }

  close(): void {
    this.#index.close();
  }

  #addNext(): void {
    const slot = this.#nextInLine();
    this.#waiting.delete(slot);
    const vector = this.#vectorOf(slot);
    if (vector === undefined) {
      this.#refused.add(slot);
      return;
    }
    const label = this.#slots.length;
    this.#index.add(label, vector);
    this.#slots.push(slot);
    this.#labels[slot] = label;
  }

  /** One iterator goes along the line; a new one each time would walk past all that were deleted. */
  #nextInLine(): number {
    const next = this.#line.next();
    if (!next.done) return next.value;
    this.#line = this.#waiting.values();
    return this.#line.next().value!;
  }
}
