import type { Column, ColumnType } from "@lakehouse/contracts";
import type { CompactWriter } from "./compact-writer.ts";
import { convertedTypes, OPTIONAL, type PhysicalType, physicalTypes } from "./format.ts";

export interface ParquetColumn extends Column {
  type: ColumnType;
}

export const physicalTypeOf = {
  BIGINT: "INT64",
  DOUBLE: "DOUBLE",
  BOOLEAN: "BOOLEAN",
  DATE: "INT32",
  TIMESTAMP: "INT64",
  TIMESTAMPTZ: "INT64",
  VARCHAR: "BYTE_ARRAY",
} as const satisfies Record<ColumnType, PhysicalType>;

/** Fields of the LogicalType union. */
const STRING = 1;
const DATE = 6;
const TIMESTAMP = 8;
/** Field of the TimeUnit union. */
const MICROS = 2;

/** SchemaElements: the root, then each column with its field id, 1 to n, by which table formats know it. */
export function writeSchema(thrift: CompactWriter, id: number, columns: readonly ParquetColumn[]): void {
  thrift.structs(id, [undefined, ...columns.entries()], (element) => {
    if (element === undefined) writeRoot(thrift, columns.length);
    else writeColumn(thrift, element[1], element[0] + 1);
  });
}

function writeRoot(thrift: CompactWriter, columns: number): void {
  thrift.binary(4, "schema");
  thrift.i32(5, columns);
}

function writeColumn(thrift: CompactWriter, { name, type }: ParquetColumn, fieldId: number): void {
  thrift.i32(1, physicalTypes[physicalTypeOf[type]]);
  thrift.i32(3, OPTIONAL);
  thrift.binary(4, name);
  const converted = convertedTypeOf(type);
  if (converted !== undefined) thrift.i32(6, converted);
  thrift.i32(9, fieldId);
  if (type === "VARCHAR") thrift.struct(10, () => thrift.struct(STRING, () => {}));
  if (type === "DATE") thrift.struct(10, () => thrift.struct(DATE, () => {}));
  if (type === "TIMESTAMP" || type === "TIMESTAMPTZ") writeTimestamp(thrift, type === "TIMESTAMPTZ");
}

/** For readers from before logical types; those took every timestamp to be in UTC. */
function convertedTypeOf(type: ColumnType): number | undefined {
  if (type === "VARCHAR") return convertedTypes.UTF8;
  if (type === "DATE") return convertedTypes.DATE;
  return type === "TIMESTAMPTZ" ? convertedTypes.TIMESTAMP_MICROS : undefined;
}

function writeTimestamp(thrift: CompactWriter, isAdjustedToUtc: boolean): void {
  thrift.struct(10, () => {
    thrift.struct(TIMESTAMP, () => {
      thrift.boolean(1, isAdjustedToUtc);
      thrift.struct(2, () => thrift.struct(MICROS, () => {}));
    });
  });
}
