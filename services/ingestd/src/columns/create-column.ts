import type { ColumnType } from "@lakehouse/contracts";
import type { ParquetColumn } from "../parquet/parquet-schema.ts";
import { BigintColumn } from "./bigint-column.ts";
import { BooleanColumn } from "./boolean-column.ts";
import type { Column } from "./column.ts";
import { DateColumn } from "./date-column.ts";
import { DoubleColumn } from "./double-column.ts";
import { EmptyColumn } from "./empty-column.ts";
import { TextColumn } from "./text-column.ts";
import { TimestampColumn } from "./timestamp-column.ts";

/** A column as it should be written. */
export interface PlannedColumn extends ParquetColumn {
  type: ColumnType;
  /** The type stands for a column without any value: the first one that comes does not read as it. */
  isEmpty: boolean;
  /** Its values repeat, so that a dictionary is worth its while. */
  repeats: boolean;
}

/**
 * @param capacity the most rows that a page has
 * @param dictionaryBytesMax of one column's dictionary
 */
export function createColumn(
  { type, isEmpty, repeats }: PlannedColumn,
  capacity: number,
  dictionaryBytesMax: number,
): Column {
  if (isEmpty) return new EmptyColumn(capacity, 0);
  switch (type) {
    case "BIGINT":
      return new BigintColumn(capacity);
    case "DOUBLE":
      return new DoubleColumn(capacity);
    case "BOOLEAN":
      return new BooleanColumn(capacity);
    case "DATE":
      return new DateColumn(capacity);
    case "TIMESTAMP":
    case "TIMESTAMPTZ":
      return new TimestampColumn(type, capacity);
    case "VARCHAR":
      return new TextColumn(capacity, repeats ? dictionaryBytesMax : 0);
  }
}
