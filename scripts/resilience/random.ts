/** Numbers that a seed decides, so that a run can be had again. sfc32, by Chris Doty-Humphrey. */
export class Random {
  #state: [number, number, number, number];

  constructor(seed: number) {
    this.#state = [seed | 0, (seed / 2 ** 32) | 0, 0x9e3779b9, 1];
    for (let round = 0; round < 20; round++) this.#next();
  }

  /** From 0 to below 1. */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** Both ends can come. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.integer(0, list.length - 1)]!;
  }

  bytes(length: number): Buffer<ArrayBuffer> {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => this.#next());
    return Buffer.from(words.buffer, 0, length);
  }

  /** Another source, which what is drawn from this one later does not move. */
  fork(): Random {
    return new Random(this.#next());
  }

  #next(): number {
    const [a, b, c, counter] = this.#state;
    const sum = (a + b + counter) | 0;
    this.#state = [b ^ (b >>> 9), (c + (c << 3)) | 0, (((c << 21) | (c >>> 11)) + sum) | 0, (counter + 1) | 0];
    return sum >>> 0;
  }
}
