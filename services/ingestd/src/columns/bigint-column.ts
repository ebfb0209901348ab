import type { ColumnStats } from "@lakehouse/contracts";
import { type Data, Int64, makeData } from "apache-arrow";
import { readLongInteger, readShortInteger } from "../spelling/integer.ts";
import { Int64Words } from "./int64-words.ts";
import { NarrowColumn } from "./narrow-column.ts";

export class BigintColumn extends NarrowColumn {
  readonly type = "BIGINT";
  readonly #words: Int64Words;
  #shortMin = Number.POSITIVE_INFINITY;
  #shortMax = Number.NEGATIVE_INFINITY;
  #longMin: bigint | undefined;
  #longMax: bigint | undefined;

  constructor(capacity: number) {
    super(capacity);
    this.#words = new Int64Words(capacity);
  }

  protected override write(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const value = readShortInteger(bytes, start, end);
    if (Number.isNaN(value)) return this.#writeLong(row, bytes, start, end);
    this.#words.set(row, value);
    if (value < this.#shortMin) this.#shortMin = value;
    if (value > this.#shortMax) this.#shortMax = value;
    return true;
  }

  #writeLong(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const value = readLongInteger(bytes, start, end);
    if (value === undefined) return false;
    this.#words.values[row] = value;
    if (this.#longMin === undefined || value < this.#longMin) this.#longMin = value;
    if (this.#longMax === undefined || value > this.#longMax) this.#longMax = value;
    return true;
  }

  protected override dataOf(rows: number): Data {
    const { bitmap, nullCount } = this.validity;
    const data = this.#words.values.subarray(0, rows);
    return makeData({ type: new Int64(), length: rows, nullCount, nullBitmap: bitmap, data });
  }

  protected override bounds(): Pick<ColumnStats, "min" | "max"> {
    const min = this.#longMin !== undefined && this.#longMin < this.#shortMin ? this.#longMin : this.#shortMin;
    const max = this.#longMax !== undefined && this.#longMax > this.#shortMax ? this.#longMax : this.#shortMax;
    return { min: toJson(min), max: toJson(max) };
  }
}

/** Past 2^53 as text, so that no JSON reader rounds it; an infinity stands for no value at all. */
function toJson(value: number | bigint): number | string | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}
