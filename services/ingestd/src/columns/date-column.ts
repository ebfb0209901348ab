import { DAY_LENGTH, readDay } from "../spelling/day.ts";
import { NarrowColumn } from "./narrow-column.ts";

const MS_PER_DAY = 86_400_000;

export class DateColumn extends NarrowColumn<number> {
  readonly type = "DATE";
  /** Days from 1970-01-01. */
  protected readonly values: Int32Array;

  constructor(capacity: number) {
    super(capacity);
    this.values = new Int32Array(capacity);
  }

  protected override write(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const day = end - start === DAY_LENGTH ? readDay(bytes, start) : Number.NaN;
    this.values[index] = day;
    return !Number.isNaN(day);
  }

  protected override toJson(day: number): string {
    return new Date(day * MS_PER_DAY).toISOString().slice(0, DAY_LENGTH);
  }
}
