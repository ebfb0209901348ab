import type { ColumnStats, ColumnType } from "@lakehouse/contracts";
import type { Data } from "apache-arrow";
import type { RowBlock } from "../csv/tokenizer.ts";
import { ALL_READ, type Column } from "./column.ts";
import { Validity } from "./validity.ts";

/** A column of fixed width: subclasses read one value and write it to their buffer. */
export abstract class NarrowColumn implements Column {
  abstract readonly type: ColumnType;
  readonly textBytes = 0;
  protected readonly validity: Validity;
  #rows = 0;
  #nulls = 0;

  constructor(capacity: number) {
    this.validity = new Validity(capacity);
  }

  append({ bytes, rows, columns, starts, ends }: RowBlock, column: number): number {
    for (let row = 0, field = column; row < rows; row++, field += columns) {
      const start = starts[field]!;
      const end = ends[field]!;
      if (start === end) this.#appendNull();
      // A negative end is text with doubled quotes, which no narrow type has.
      else if (end > 0 && this.write(this.#rows, bytes, start, end)) this.#rows++;
      else return row;
    }
    return ALL_READ;
  }

  arrowData(): Data {
    return this.dataOf(this.#rows);
  }

  clear(): void {
    this.#rows = 0;
    this.validity.reset();
  }

  stats(): ColumnStats {
    return { ...this.bounds(), null_count: this.#nulls };
  }

  /** Reads the text and writes its value at `row`. @returns whether it reads as this type */
  protected abstract write(row: number, bytes: Uint8Array, start: number, end: number): boolean;
  protected abstract dataOf(rows: number): Data;
  protected abstract bounds(): Pick<ColumnStats, "min" | "max">;

  #appendNull(): void {
    this.validity.setNull(this.#rows++);
    this.#nulls++;
  }
}
