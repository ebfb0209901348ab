import { readDouble } from "../spelling/double.ts";
import { NarrowColumn } from "./narrow-column.ts";

export class DoubleColumn extends NarrowColumn<number> {
  readonly type = "DOUBLE";
  protected readonly values: Float64Array;

  constructor(capacity: number) {
    super(capacity);
    this.values = new Float64Array(capacity);
  }

  protected override write(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const value = readDouble(bytes, start, end);
    this.values[index] = value;
    return !Number.isNaN(value);
  }

  protected override toJson(value: number): number {
    return value;
  }

  /** A zero bound stands for both zeros (parquet.thrift, ColumnOrder): as a least value it is -0, as a greatest +0. */
  protected override plainBounds(min: number, max: number): { min: Uint8Array; max: Uint8Array } {
    return super.plainBounds(min === 0 ? -0 : min, max === 0 ? 0 : max);
  }
}
