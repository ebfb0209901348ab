const TWO_TO_32 = 2 ** 32;
const TWO_TO_26 = 2 ** 26;

/** Writes numbers into int64s without making a BigInt of each: as two 32-bit words. */
export class Int64Words {
  readonly #words: Uint32Array;

  constructor(values: BigInt64Array) {
    this.#words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  }

  /** @param value an integer that a double holds exactly */
  set(index: number, value: number): void {
    const high = Math.floor(value / TWO_TO_32);
    this.#setWords(index, high, value - high * TWO_TO_32);
  }

  /** Writes `seconds * 1e6 + micros`, which past the year 2255 is more than a double holds: 1e6 = 15625 * 2^6. */
  setMicros(index: number, seconds: number, micros: number): void {
    const sixtyFourths = seconds * 15_625;
    const high = Math.floor(sixtyFourths / TWO_TO_26);
    const low = (sixtyFourths - high * TWO_TO_26) * 64 + micros;
    const carry = low >= TWO_TO_32 ? 1 : 0;
    this.#setWords(index, high + carry, low - carry * TWO_TO_32);
  }

  /** Little-endian, as Parquet is. */
  #setWords(index: number, high: number, low: number): void {
    this.#words[index * 2] = low;
    this.#words[index * 2 + 1] = high;
  }
}
