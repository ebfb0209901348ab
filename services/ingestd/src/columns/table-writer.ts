import type { ColumnStats } from "@lakehouse/contracts";
import { collectYoungGarbage } from "@lakehouse/server/collect-garbage";
import { blockRowsMax, type RowBlock } from "../csv/tokenizer.ts";
import { ColumnChunk } from "../parquet/column-chunk.ts";
import type { ParquetFile } from "../parquet/parquet-file.ts";
import { ALL_READ, type Column } from "./column.ts";
import { createColumn, type PlannedColumn } from "./create-column.ts";
import {
  DICTIONARIES_BYTES_MAX,
  DICTIONARY_BYTES_MAX,
  PAGE_BYTES_MIN,
  PAGE_ROWS_MAX,
  PAGES_BYTES_MAX,
  PAGES_FIELDS_MAX,
  ROW_GROUP_BYTES_MAX,
  ROW_GROUP_PAGES_MAX,
  ROW_GROUP_ROWS_MAX,
} from "./limits.ts";

/** A value that does not read as its column's type. */
export interface Misfit {
  row: number;
  column: number;
}

/** Writes rows to a Parquet file: a page of each column at a time, a row group of many pages at a time, all of bounded size. */
export class TableWriter {
  readonly #file: ParquetFile;
  readonly #names: string[];
  readonly #columns: Column[];
  #chunks: ColumnChunk[];
  readonly #pageRowsFull: number;
  readonly #pageRowsMax: number;
  #pageRows = 0;
  #groupRows = 0;
  #groupPages = 0;
  #totalRows = 0;

  constructor(file: ParquetFile, columns: readonly PlannedColumn[]) {
    this.#pageRowsFull = Math.min(PAGE_ROWS_MAX, Math.floor(PAGES_FIELDS_MAX / columns.length));
    // Pages take one more block after they were last found not full.
    this.#pageRowsMax = this.#pageRowsFull + blockRowsMax(columns.length);
    const dictionaryBytesMax = Math.min(DICTIONARY_BYTES_MAX, Math.floor(DICTIONARIES_BYTES_MAX / columns.length));
    this.#file = file;
    this.#names = columns.map(({ name }) => name);
    this.#columns = columns.map((column) => createColumn(column, this.#pageRowsMax, dictionaryBytesMax));
    this.#chunks = this.#columns.map(() => new ColumnChunk());
  }

  get rows(): number {
    return this.#totalRows;
  }

  /** @returns the first value, by row, that does not read as its column's type; this writer is of no use then */
  append(block: RowBlock): Misfit | undefined {
    let misfit: Misfit | undefined;
    for (const [index, column] of this.#columns.entries()) {
      const row = column.append(block, index);
      if (row !== ALL_READ && (misfit === undefined || row < misfit.row)) misfit = { row, column: index };
    }
    this.#pageRows += block.rows;
    this.#totalRows += block.rows;
    if (misfit === undefined && this.#pagesAreFull()) this.#endPages();
    return misfit;
  }

  /** Writes what is left, and the footer. */
  finish(): void {
    if (this.#pageRows > 0) this.#endPages();
    if (this.#groupRows > 0) this.#endRowGroup();
    this.#file.finish();
  }

  /** By column name, of the finished file. */
  stats(): Record<string, ColumnStats> {
    return Object.fromEntries(this.#columns.map((column, index) => [this.#names[index]!, column.stats()]));
  }

  #pagesAreFull(): boolean {
    const bytesMax = Math.max(PAGES_BYTES_MAX, PAGE_BYTES_MIN * this.#columns.length);
    return this.#pageRows >= this.#pageRowsFull || sum(this.#columns, ({ pageBytes }) => pageBytes) >= bytesMax;
  }

  #endPages(): void {
    for (const [index, column] of this.#columns.entries()) this.#chunks[index]!.addPage(column.takePage());
    this.#groupRows += this.#pageRows;
    this.#groupPages += this.#columns.length;
    this.#pageRows = 0;
    if (this.#groupIsFull()) this.#endRowGroup();
  }

  #groupIsFull(): boolean {
    if (this.#groupRows + this.#pageRowsMax > ROW_GROUP_ROWS_MAX || this.#groupPages >= ROW_GROUP_PAGES_MAX)
      return true;
    return sum(this.#chunks, ({ compressedBytes }) => compressedBytes) >= ROW_GROUP_BYTES_MAX;
  }

  #endRowGroup(): void {
    const finished = this.#columns.map((column, index) => {
      const { dictionary, bounds } = column.endChunk();
      return this.#chunks[index]!.finish(dictionary, bounds);
    });
    this.#file.addRowGroup(finished);
    this.#chunks = this.#columns.map(() => new ColumnChunk());
    this.#groupRows = 0;
    this.#groupPages = 0;
    collectYoungGarbage();
  }
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
