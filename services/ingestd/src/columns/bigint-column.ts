import { readLongInteger, readShortInteger } from "../spelling/integer.ts";
import { Int64Words } from "./int64-words.ts";
import { NarrowColumn } from "./narrow-column.ts";

export class BigintColumn extends NarrowColumn<bigint> {
  readonly type = "BIGINT";
  protected readonly values: BigInt64Array;
  readonly #words: Int64Words;

  constructor(capacity: number) {
    super(capacity);
    this.values = new BigInt64Array(capacity);
    this.#words = new Int64Words(this.values);
  }

  protected override write(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const short = readShortInteger(bytes, start, end);
    if (!Number.isNaN(short)) {
      this.#words.set(index, short);
      return true;
    }
    const long = readLongInteger(bytes, start, end);
    if (long !== undefined) this.values[index] = long;
    return long !== undefined;
  }

  /** Past 2^53 as text, so that no JSON reader rounds it. */
  protected override toJson(value: bigint): number | string {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  }
}
