/** How many values there are, and which of them are NULL. */
export class Validity {
  #length = 0;
  #nulls: number[] = [];

  append(count: number, validity: Uint8Array | undefined): void {
    if (validity !== undefined) {
      for (let row = 0; row < count; row++) if (!isValid(validity, row)) this.#nulls.push(this.#length + row);
    }
    this.#length += count;
  }

  take(): { length: number; nulls: readonly number[]; nullCount: number; nullBitmap?: Uint8Array } {
    const length = this.#length;
    const nulls = this.#nulls;
    this.#length = 0;
    this.#nulls = [];
    if (nulls.length === 0) return { length, nulls, nullCount: 0 };
    const nullBitmap = bitmap(length).fill(0xff);
    for (const index of nulls) nullBitmap[index >> 3]! &= ~(1 << (index & 7));
    return { length, nulls, nullCount: nulls.length, nullBitmap };
  }
}

/** A bit a value, in whole words of 64 bits. */
export function bitmap(bits: number): Uint8Array {
  return new Uint8Array(Math.ceil(bits / 64) * 8);
}

/** @param validity as the engine has it: a bit a row, 0 for NULL; left out where there is no NULL */
export function isValid(validity: Uint8Array | undefined, row: number): boolean {
  return validity === undefined || ((validity[row >> 3]! >> (row & 7)) & 1) === 1;
}
