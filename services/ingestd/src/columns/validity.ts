/** Which rows of a batch have a value, as an Arrow validity bitmap: one bit a row, lowest first, 0 for NULL. */
export class Validity {
  readonly bitmap: Uint8Array;
  nullCount = 0;

  constructor(capacity: number) {
    this.bitmap = new Uint8Array(Math.ceil(capacity / 8));
    this.reset();
  }

  reset(): void {
    this.bitmap.fill(0xff);
    this.nullCount = 0;
  }

  setNull(row: number): void {
    this.bitmap[row >> 3]! &= ~(1 << (row & 7));
    this.nullCount++;
  }
}
