const CAPACITY_MIN = 16;

/** Numbers one after the other in memory, as many as come. */
export class GrowingFloats {
  #values = new Float64Array(CAPACITY_MIN);
  #length = 0;

  /** Longer than what was pushed; not to be kept over a push. */
  get values(): Float64Array {
    return this.#values;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }
}
