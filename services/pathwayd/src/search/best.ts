/** The best so many of what it is shown, in order. */
export class Best<T> {
  readonly #limit: number;
  /** Negative where `a` stands before `b`. */
  readonly #compare: (a: T, b: T) => number;
  readonly #sorted: T[] = [];

  constructor(limit: number, compare: (a: T, b: T) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  get sorted(): readonly T[] {
    return this.#sorted;
  }

  /** Whether it would be among them now: asked first where more has to be found out about it, at a price. */
  wants(one: T): boolean {
    return this.#sorted.length < this.#limit || this.#compare(one, this.#sorted.at(-1)!) < 0;
  }

  add(one: T): void {
    this.#sorted.splice(this.#placeOf(one), 0, one);
    if (this.#sorted.length > this.#limit) this.#sorted.pop();
  }

  #placeOf(one: T): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(one, this.#sorted[middle]!) < 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
