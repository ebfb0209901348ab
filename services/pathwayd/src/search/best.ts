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

  /** What a newcomer has to beat; undefined while there is room. */
  get worst(): T | undefined {
    return this.#sorted.length < this.#limit ? undefined : this.#sorted.at(-1);
  }

  /** Whether it would be among them now: asked first where more has to be found out about it, at a price. */
  wants(one: T): boolean {
    return this.worst === undefined || this.#compare(one, this.worst) < 0;
  }

  add(one: T): void {
    if (this.#sorted.length === this.#limit) this.#sorted.pop();
    this.#sorted.splice(this.#placeOf(one), 0, one);
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
