import type { ColumnStats } from "@lakehouse/contracts";
import { type Data, DateDay, makeData } from "apache-arrow";
import { DAY_LENGTH, readDay } from "../spelling/day.ts";
import { NarrowColumn } from "./narrow-column.ts";

const MS_PER_DAY = 86_400_000;

export class DateColumn extends NarrowColumn {
  readonly type = "DATE";
  /** Days from 1970-01-01. */
  readonly #days: Int32Array;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor(capacity: number) {
    super(capacity);
    this.#days = new Int32Array(capacity);
  }

  protected override write(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const day = end - start === DAY_LENGTH ? readDay(bytes, start) : Number.NaN;
    if (Number.isNaN(day)) return false;
    this.#days[row] = day;
    if (day < this.#min) this.#min = day;
    if (day > this.#max) this.#max = day;
    return true;
  }

  protected override dataOf(rows: number): Data {
    const { bitmap, nullCount } = this.validity;
    const data = this.#days.subarray(0, rows);
    return makeData({ type: new DateDay(), length: rows, nullCount, nullBitmap: bitmap, data });
  }

  protected override bounds(): Pick<ColumnStats, "min" | "max"> {
    return { min: toJson(this.#min), max: toJson(this.#max) };
  }
}

function toJson(day: number): string | null {
  return Number.isFinite(day) ? new Date(day * MS_PER_DAY).toISOString().slice(0, DAY_LENGTH) : null;
}
