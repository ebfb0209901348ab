import type { ColumnType } from "@lakehouse/contracts";
import { BigintColumn } from "./bigint-column.ts";
import { BooleanColumn } from "./boolean-column.ts";
import type { Column } from "./column.ts";
import { DateColumn } from "./date-column.ts";
import { DoubleColumn } from "./double-column.ts";
import { TextColumn } from "./text-column.ts";
import { TimestampColumn } from "./timestamp-column.ts";

/** @param capacity the most rows that a batch has */
export function createColumn(type: ColumnType, capacity: number): Column {
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
      return new TextColumn(capacity);
  }
}
