const BYTES_MIN = 1_024;

/** Bytes that are added to at their end, again and again in the same memory. */
export class GrowingBytes {
  length = 0;
  #memory = new Uint8Array(BYTES_MIN);

  /** @returns the bytes that are added, to be written at once; there may be anything in them */
  extend(size: number): Uint8Array {
    const start = this.length;
    this.length += size;
    if (this.length > this.#memory.length) {
      const larger = new Uint8Array(Math.max(this.length, 2 * this.#memory.length));
      larger.set(this.#memory.subarray(0, start));
      this.#memory = larger;
    }
    return this.#memory.subarray(start, this.length);
  }

  /** @returns all of them, which are good until the next are added */
  take(): Uint8Array {
    const taken = this.#memory.subarray(0, this.length);
    this.length = 0;
    return taken;
  }
}
