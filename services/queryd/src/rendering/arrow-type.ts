import {
  DuckDBArrayType,
  DuckDBDecimalType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionType,
} from "@duckdb/node-api";
import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Map_,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from "apache-arrow";
import { identifier } from "../sql/sql-quoting.ts";

/** What a column becomes: `sql`, the type that the engine casts it to, has its values as `arrow` has them, or nearly. */
export interface ArrowType {
  sql: string;
  arrow: DataType;
}

/** As wide as any; a narrower one would have to be widened here, since Arrow's decimals have 128 bits. */
const DIGITS_MAX = 38;

/** What has no counterpart in Arrow, or one that few readers know, is text. */
const text: ArrowType = { sql: "VARCHAR", arrow: new Utf8() };

const scalars: Partial<Record<DuckDBTypeId, ArrowType>> = {
  [DuckDBTypeId.BOOLEAN]: { sql: "BOOLEAN", arrow: new Bool() },
  [DuckDBTypeId.TINYINT]: { sql: "TINYINT", arrow: new Int8() },
  [DuckDBTypeId.SMALLINT]: { sql: "SMALLINT", arrow: new Int16() },
  [DuckDBTypeId.INTEGER]: { sql: "INTEGER", arrow: new Int32() },
  [DuckDBTypeId.BIGINT]: { sql: "BIGINT", arrow: new Int64() },
  [DuckDBTypeId.HUGEINT]: decimal(DIGITS_MAX, 0),
  [DuckDBTypeId.UTINYINT]: { sql: "UTINYINT", arrow: new Uint8() },
  [DuckDBTypeId.USMALLINT]: { sql: "USMALLINT", arrow: new Uint16() },
  [DuckDBTypeId.UINTEGER]: { sql: "UINTEGER", arrow: new Uint32() },
  [DuckDBTypeId.UBIGINT]: { sql: "UBIGINT", arrow: new Uint64() },
  [DuckDBTypeId.UHUGEINT]: decimal(DIGITS_MAX, 0),
  [DuckDBTypeId.FLOAT]: { sql: "FLOAT", arrow: new Float32() },
  [DuckDBTypeId.DOUBLE]: { sql: "DOUBLE", arrow: new Float64() },
  [DuckDBTypeId.DATE]: { sql: "DATE", arrow: new DateDay() },
  [DuckDBTypeId.TIME]: { sql: "TIME", arrow: new TimeMicrosecond() },
  [DuckDBTypeId.TIMESTAMP]: { sql: "TIMESTAMP", arrow: new TimestampMicrosecond() },
  [DuckDBTypeId.TIMESTAMP_S]: { sql: "TIMESTAMP", arrow: new TimestampMicrosecond() },
  [DuckDBTypeId.TIMESTAMP_MS]: { sql: "TIMESTAMP_MS", arrow: new TimestampMillisecond() },
  [DuckDBTypeId.TIMESTAMP_NS]: { sql: "TIMESTAMP_NS", arrow: new TimestampNanosecond() },
  [DuckDBTypeId.TIMESTAMP_TZ]: { sql: "TIMESTAMPTZ", arrow: new TimestampMicrosecond("UTC") },
  [DuckDBTypeId.BLOB]: { sql: "BLOB", arrow: new Binary() },
  [DuckDBTypeId.GEOMETRY]: { sql: "GEOMETRY", arrow: new Binary() }, // well-known binary, as the engine holds it
  [DuckDBTypeId.UUID]: { sql: "UUID", arrow: new FixedSizeBinary(16) },
  [DuckDBTypeId.VARIANT]: { sql: "JSON", arrow: new Utf8() },
  [DuckDBTypeId.SQLNULL]: { sql: "INTEGER", arrow: new Int32() },
};

/** Lists, structs and maps are what they are; an array is a list; a union is a struct of the member's number and each member. */
export function arrowType(type: DuckDBType): ArrowType {
  if (type instanceof DuckDBDecimalType) return decimal(type.width, type.scale);
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) return list(arrowType(type.valueType));
  if (type instanceof DuckDBMapType) return map(arrowType(type.keyType), arrowType(type.valueType));
  if (type instanceof DuckDBStructType) return struct(type);
  if (type instanceof DuckDBUnionType) return union(type);
  return scalars[type.typeId] ?? text;
}

function decimal(precision: number, scale: number): ArrowType {
  return { sql: `DECIMAL(${DIGITS_MAX},${scale})`, arrow: new Decimal(scale, precision) };
}

function list({ sql, arrow }: ArrowType): ArrowType {
  return { sql: `${sql}[]`, arrow: new List(nullable("element", arrow)) };
}

function map(key: ArrowType, value: ArrowType): ArrowType {
  const entry = new Struct([new Field("key", key.arrow), nullable("value", value.arrow)]);
  return { sql: `MAP(${key.sql}, ${value.sql})`, arrow: new Map_(new Field("entries", entry)) };
}

function struct({ entryNames, entryTypes }: DuckDBStructType): ArrowType {
  const entries = entryTypes.map(arrowType);
  // One without names can't be spelled; it is cast by position.
  const names = entryNames.map((name, index) => name || `c${index}`);
  return {
    sql: `STRUCT(${typeList(names, entries)})`,
    arrow: new Struct(entries.map(({ arrow }, index) => nullable(entryNames[index]!, arrow))),
  };
}

function union({ memberTags, memberTypes }: DuckDBUnionType): ArrowType {
  const members = memberTypes.map(arrowType);
  const fields = members.map(({ arrow }, index) => nullable(memberTags[index]!, arrow));
  return {
    sql: `UNION(${typeList(memberTags, members)})`,
    arrow: new Struct([nullable("", new Uint8()), ...fields]),
  };
}

function typeList(names: readonly string[], types: readonly ArrowType[]): string {
  return types.map(({ sql }, index) => `${identifier(names[index]!)} ${sql}`).join(", ");
}

function nullable(name: string, type: DataType): Field {
  return new Field(name, type, true);
}
