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

const timestamps = new Set([DuckDBTypeId.TIMESTAMP, DuckDBTypeId.TIMESTAMP_S, DuckDBTypeId.TIMESTAMP_MS]);

const plainTexts = new Set([
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
  if (typeId === DuckDBTypeId.DATE) return { sql: isoDate(value, text), form: "plain" };
  if (plainTexts.has(typeId)) return { sql: text, form: "plain" };
  // Its nanoseconds reach back to 1677.
  if (typeId === DuckDBTypeId.TIMESTAMP_NS) return { sql: withT(text), form: "plain" };
  if (timestamps.has(typeId)) return { sql: isoTimestamp(value, text), form: "plain" };
  if (typeId === DuckDBTypeId.TIMESTAMP_TZ) return { sql: isoTimestampTz(value, text), form: "plain" };
  if (typeId === DuckDBTypeId.BLOB) return { sql: `to_base64(${value})`, form: "plain" };
  if (alias === "JSON") return { sql: text, form: "json" };
  if (typeId === DuckDBTypeId.VARIANT) return { sql: `${value}::JSON::VARCHAR`, form: "json" };
  return { sql: text, form: "text" };
}

function isoDate(value: string, text: string): string {
  return beforeChrist(value, "DATE", isoDay(value), text);
}

/** `2024-01-02 03:04:05` with the T of ISO 8601. */
function isoTimestamp(value: string, text: string, type: "TIMESTAMP" | "TIMESTAMPTZ" = "TIMESTAMP"): string {
  const old = `${isoDay(`${value}::TIMESTAMP`)} || 'T' || split_part(${text}, ' ', 3)`; // 0044-03-15 (BC) 10:00:00
  return beforeChrist(value, type, old, withT(text));
}

function withT(text: string): string {
  return `replace(${text}, ' ', 'T')`;
}

/** The engine runs in UTC, so its text ends in `+00`, or is an infinity. */
function isoTimestampTz(value: string, text: string): string {
  return `replace(${isoTimestamp(value, text, "TIMESTAMPTZ")}, '+00', 'Z')`;
}

/** DuckDB writes years before Christ as no other reader would take them; what is asked of each value is a comparison. */
function beforeChrist(value: string, type: string, then: string, otherwise: string): string {
  const isBefore = `${value} < ${type} '0001-01-01' AND isfinite(${value})`;
  return `CASE WHEN ${isBefore} THEN ${then} ELSE ${otherwise} END`;
}

/** ISO 8601 counts the years through: 1 BC is 0000, 44 BC is -0043. */
function isoDay(value: string): string {
  return `CASE WHEN year(${value}) = 0 THEN '0000' ELSE printf('-%04d', -year(${value})) END || strftime(${value}, '-%m-%d')`;
}
