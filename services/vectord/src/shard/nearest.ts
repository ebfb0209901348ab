/**
 * The k nearest of what is offered, ties by id: a heap with the farthest on top, which is what a nearer one replaces.
 * Holds slots, not items, so that offering costs no memory.
 */
export class Nearest {
  readonly #k: number;
  readonly #idOf: (slot: number) => string;
  readonly #distances: Float64Array;
  readonly #slots: Uint32Array;
  #size = 0;

  constructor(k: number, idOf: (slot: number) => string) {
    this.#k = k;
    this.#idOf = idOf;
    this.#distances = new Float64Array(k);
    this.#slots = new Uint32Array(k);
  }

  get size(): number {
    return this.#size;
  }

  /** What a further one must come within to be among the k. */
  get farthest(): number {
    return this.#size < this.#k ? Number.POSITIVE_INFINITY : this.#distances[0]!;
  }

  offer(distance: number, slot: number): void {
    if (this.#size < this.#k) {
      this.#size += 1;
      this.#rise(this.#size - 1, distance, slot);
    } else if (distance <= this.#distances[0]! && this.#isFarther(0, distance, slot)) {
      this.#sink(distance, slot);
    }
  }

  /** Nearest first. Empties the heap. */
  take(): { distance: number; slot: number }[] {
    const taken = new Array<{ distance: number; slot: number }>(this.#size);
    while (this.#size > 0) {
      const last = this.#size - 1;
      taken[last] = { distance: this.#distances[0]!, slot: this.#slots[0]! };
      this.#size = last;
      if (last > 0) this.#sink(this.#distances[last]!, this.#slots[last]!);
    }
    return taken;
  }

  /** Whether the entry at `at` comes after this one in the order of the answer. */
  #isFarther(at: number, distance: number, slot: number): boolean {
    const there = this.#distances[at]!;
    return there === distance ? this.#idOf(this.#slots[at]!) > this.#idOf(slot) : there > distance;
  }

  #rise(from: number, distance: number, slot: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#isFarther(parent, distance, slot)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#place(at, distance, slot);
  }

  #sink(distance: number, slot: number): void {
    let at = 0;
    for (;;) {
      const child = this.#fartherChild(at);
      if (child === undefined || !this.#isFarther(child, distance, slot)) break;
      this.#move(child, at);
      at = child;
    }
    this.#place(at, distance, slot);
  }

  #fartherChild(at: number): number | undefined {
    const left = 2 * at + 1;
    if (left >= this.#size) return undefined;
    const right = left + 1;
    if (right >= this.#size) return left;
    return this.#isFarther(right, this.#distances[left]!, this.#slots[left]!) ? right : left;
  }

  #move(from: number, to: number): void {
    this.#place(to, this.#distances[from]!, this.#slots[from]!);
  }

  #place(at: number, distance: number, slot: number): void {
    this.#distances[at] = distance;
    this.#slots[at] = slot;
  }
}
