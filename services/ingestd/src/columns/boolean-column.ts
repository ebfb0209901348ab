import type { ColumnStats } from "@lakehouse/contracts";
import { Bool, type Data, makeData } from "apache-arrow";
import { readBoolean } from "../spelling/boolean.ts";
import { NarrowColumn } from "./narrow-column.ts";

export class BooleanColumn extends NarrowColumn {
  readonly type = "BOOLEAN";
  /** One bit a row, lowest first. */
  readonly #bits: Uint8Array;
  #hasTrue: boolean = false;
  #hasFalse: boolean = false;

  constructor(capacity: number) {
    super(capacity);
    this.#bits = new Uint8Array(Math.ceil(capacity / 8));
  }

  protected override write(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const value = readBoolean(bytes, start, end);
    if (Number.isNaN(value)) return false;
    const bit = 1 << (row & 7);
    if (value === 1) this.#bits[row >> 3]! |= bit;
    else this.#bits[row >> 3]! &= ~bit;
    this.#hasTrue ||= value === 1;
    this.#hasFalse ||= value === 0;
    return true;
  }

  protected override dataOf(rows: number): Data {
    const { bitmap, nullCount } = this.validity;
    return makeData({ type: new Bool(), length: rows, nullCount, nullBitmap: bitmap, data: this.#bits });
  }

  protected override bounds(): Pick<ColumnStats, "min" | "max"> {
    if (!this.#hasTrue && !this.#hasFalse) return { min: null, max: null };
    return { min: !this.#hasFalse, max: this.#hasTrue };
  }
}
