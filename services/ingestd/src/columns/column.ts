import type { ColumnStats, ColumnType } from "@lakehouse/contracts";
import type { RowBlock } from "../csv/tokenizer.ts";
import type { ChunkBounds } from "../parquet/column-chunk.ts";
import type { DataPage, DictionaryPage } from "../parquet/page.ts";

/** Every row of a block read as the column's type. */
export const ALL_READ = -1;

export interface ChunkEnd {
  dictionary: DictionaryPage | undefined;
  bounds: ChunkBounds | undefined;
}

/** Collects one column, straight from the bytes of CSV rows to the bytes of Parquet pages, and keeps its stats over the file. */
export interface Column {
  readonly type: ColumnType;
  /** Bytes of values that the page holds so far. */
  readonly pageBytes: number;
  /**
   * Appends field `column` of every row of the block.
   * @returns ALL_READ, or the first row whose value does not read as this type; the column is of no use then
   */
  append(block: RowBlock, column: number): number;
  /** The rows since the last page, over the column's own buffers: to be encoded before the next append. */
  takePage(): DataPage;
  /** What belongs to all pages since the last end. */
  endChunk(): ChunkEnd;
  /** Of all ended chunks. */
  stats(): ColumnStats;
}
