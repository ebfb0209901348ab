/** Which rows of a page have a value: one bit a row, lowest first, 0 for NULL. */
export class Validity {
  readonly #bitmap: Uint8Array;
  #nullCount = 0;
  #isStale: boolean = false;

  constructor(capacity: number) {
    this.#bitmap = new Uint8Array(Math.ceil(capacity / 8)).fill(0xff);
  }

  get nullCount(): number {
    return this.#nullCount;
  }

  setNull(row: number): void {
    if (this.#isStale) this.#renew();
    this.#bitmap[row >> 3]! &= ~(1 << (row & 7));
    this.#nullCount++;
  }

  /** Starts the next page; the bitmap is good until its first NULL. */
  take(): { validity: Uint8Array; nullCount: number } {
    const nullCount = this.#nullCount;
    this.#nullCount = 0;
    this.#isStale ||= nullCount > 0;
    return { validity: this.#bitmap, nullCount };
  }

  #renew(): void {
    this.#bitmap.fill(0xff);
    this.#isStale = false;
  }
}
