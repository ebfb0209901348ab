import type { ColumnStats } from "@lakehouse/contracts";
import { type Data, Float64, makeData } from "apache-arrow";
import { readDouble } from "../spelling/double.ts";
import { NarrowColumn } from "./narrow-column.ts";

export class DoubleColumn extends NarrowColumn {
  readonly type = "DOUBLE";
  readonly #values: Float64Array;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor(capacity: number) {
    super(capacity);
    this.#values = new Float64Array(capacity);
  }

  protected override write(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const value = readDouble(bytes, start, end);
    if (Number.isNaN(value)) return false;
    this.#values[row] = value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    return true;
  }

  protected override dataOf(rows: number): Data {
    const { bitmap, nullCount } = this.validity;
    const data = this.#values.subarray(0, rows);
    return makeData({ type: new Float64(), length: rows, nullCount, nullBitmap: bitmap, data });
  }

  protected override bounds(): Pick<ColumnStats, "min" | "max"> {
    if (this.#min > this.#max) return { min: null, max: null };
    return { min: this.#min, max: this.#max };
  }
}
