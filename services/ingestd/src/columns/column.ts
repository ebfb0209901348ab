import type { ColumnStats, ColumnType } from "@lakehouse/contracts";
import type { Data } from "apache-arrow";
import type { RowBlock } from "../csv/tokenizer.ts";

/** Every row of a block read as the column's type. */
export const ALL_READ = -1;

/** Collects one column of a record batch, straight from the bytes of CSV rows, and keeps the column's stats over all batches. */
export interface Column {
  readonly type: ColumnType;
  /** Bytes of text that the batch holds so far; 0 for columns of fixed width. */
  readonly textBytes: number;
  /**
   * Appends field `column` of every row of the block.
   * @returns ALL_READ, or the first row whose value does not read as this type; the column is of no use then
   */
  append(block: RowBlock, column: number): number;
  /** The batch's rows as Arrow data over the column's own buffers: to be copied before {@link clear}. */
  arrowData(): Data;
  /** Starts the next batch. */
  clear(): void;
  /** Of all rows so far. */
  stats(): ColumnStats;
}
