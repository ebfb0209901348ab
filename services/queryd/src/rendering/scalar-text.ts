import { type DuckDBType, DuckDBTypeId } from "@duckdb/node-api";

/**
 * How a value that is not made of others is written: as the bare text of a SQL expression, NULL for NULL, and what kind
 * of text that is.
 */
export interface ScalarText {
  sql: string;
  /** number: digits. float: perhaps nan or inf. plain: never needs a quote or an escape. text: anything. json: a document. */
  form: "number" | "float" | "plain" | "text" | "json";
}

const numbers = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.BIGNUM,
  DuckDBTypeId.DECIMAL,
]);

const timestamps = new Set([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
]);

const plainTexts = new Set([
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIME,
  DuckDBTypeId.TIME_NS,
  DuckDBTypeId.TIME_TZ,
  DuckDBTypeId.INTERVAL,
  DuckDBTypeId.UUID,
  DuckDBTypeId.BIT,
]);

const nested = new Set([
  DuckDBTypeId.LIST,
  DuckDBTypeId.ARRAY,
  DuckDBTypeId.STRUCT,
  DuckDBTypeId.MAP,
  DuckDBTypeId.UNION,
]);

/** @returns undefined for lists, arrays, structs, maps and unions */
export function scalarText({ typeId, alias }: DuckDBType, value: string): ScalarText | undefined {
  const text = `${value}::VARCHAR`;
  if (nested.has(typeId)) return undefined;
  if (numbers.has(typeId)) return { sql: text, form: "number" };
  if (typeId === DuckDBTypeId.DOUBLE || typeId === DuckDBTypeId.FLOAT) return { sql: text, form: "float" };
  if (plainTexts.has(typeId)) return { sql: text, form: "plain" };
  if (timestamps.has(typeId)) return { sql: isoTimestamp(text), form: "plain" };
  if (typeId === DuckDBTypeId.TIMESTAMP_TZ) return { sql: isoTimestampTz(text), form: "plain" };
  if (typeId === DuckDBTypeId.BLOB) return { sql: `to_base64(${value})`, form: "plain" };
  if (alias === "JSON") return { sql: text, form: "json" };
  if (typeId === DuckDBTypeId.VARIANT) return { sql: `${value}::JSON::VARCHAR`, form: "json" };
  return { sql: text, form: "text" };
}

/** `2024-01-02 03:04:05` with the T of ISO 8601. Years before Christ keep DuckDB's "(BC)". */
function isoTimestamp(text: string): string {
  return `replace(${text}, ' ', 'T')`;
}

/** The engine runs in UTC, so its text ends in `+00`, or is an infinity. */
function isoTimestampTz(text: string): string {
  return `replace(${isoTimestamp(text)}, '+00', 'Z')`;
}
