import {
  DuckDBArrayType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBUnionType,
} from "@duckdb/node-api";
import { literal } from "../sql/sql-quoting.ts";
import { type ScalarText, scalarText } from "./scalar-text.ts";

/**
 * DuckDB's JSON is laxer than RFC 8259: it takes NaN, Infinity and a comma before a bracket. A document in which these
 * may occur is given as text; all others as what they are, with every digit.
 */
const laxJson = String.raw`(?i)(^|[\[,:\s+-])(nan|inf|infinity)\s*($|[,\]}])|,\s*[\]}]`;

/**
 * The SQL expression of a value's JSON text; 'null' for NULL, never NULL itself. Exact: integers and decimals keep all
 * their digits, which to_json() does not for decimals and JSON documents.
 */
export function jsonValue(type: DuckDBType, value: string, depth = 0): string {
  const scalar = scalarText(type, value);
  return scalar ? jsonScalar(scalar) : jsonNested(type, value, depth);
}

function jsonScalar({ form, sql }: ScalarText): string {
  switch (form) {
    case "number":
      return `coalesce(${sql}, 'null')`;
    case "float":
      return `CASE WHEN isfinite(${sql}::DOUBLE) THEN ${sql} ELSE 'null' END`;
    case "plain":
      return `coalesce('"' || ${sql} || '"', 'null')`;
    case "text":
      return `coalesce(to_json(${sql})::VARCHAR, 'null')`;
    case "json":
      return `coalesce(CASE WHEN regexp_matches(${sql}, ${literal(laxJson)}) THEN to_json(${sql})::VARCHAR ELSE ${onOneLine(sql)} END, 'null')`;
  }
}

/** A line break in a document stands between its tokens, where a blank does as well; NDJSON needs it gone. */
function onOneLine(sql: string): string {
  return `translate(${sql}, chr(10) || chr(13), '  ')`;
}

function jsonNested(type: DuckDBType, value: string, depth: number): string {
  return `CASE WHEN ${value} IS NULL THEN 'null' ELSE ${jsonContainer(type, value, depth)} END`;
}

function jsonContainer(type: DuckDBType, value: string, depth: number): string {
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) {
    return `concat('[', ${joined(value, depth, (item) => jsonValue(type.valueType, item, depth + 1))}, ']')`;
  }
  if (type instanceof DuckDBMapType) {
    return `concat('{', ${joined(`map_entries(${value})`, depth, (entry) => jsonEntry(type, entry, depth + 1))}, '}')`;
  }
  if (type instanceof DuckDBStructType) return jsonStruct(type, value, depth);
  if (type instanceof DuckDBUnionType) return jsonUnion(type, value, depth);
  throw new TypeError(`No JSON for values of type ${type}.`);
}

function joined(list: string, depth: number, render: (item: string) => string): string {
  const item = `item_${depth}`;
  return `array_to_string(list_transform(${list}, lambda ${item}: ${render(item)}), ',')`;
}

function jsonEntry({ keyType, valueType }: DuckDBMapType, entry: string, depth: number): string {
  const key = jsonKey(keyType, `struct_extract(${entry}, 'key')`, depth);
  return `concat(${key}, ':', ${jsonValue(valueType, `struct_extract(${entry}, 'value')`, depth)})`;
}

/** Keys of JSON objects are texts: a key of another type is the text that stands for it elsewhere. */
function jsonKey(type: DuckDBType, key: string, depth: number): string {
  const scalar = scalarText(type, key);
  return `to_json(${scalar ? scalar.sql : jsonValue(type, key, depth)})::VARCHAR`;
}

/** A struct without names, as row(1, 2) makes it, is an array. */
function jsonStruct({ entryNames, entryTypes }: DuckDBStructType, value: string, depth: number): string {
  const isNamed = entryNames.every((name) => name !== "");
  const fields = entryTypes.flatMap((type, index) => [
    literal((index === 0 ? "" : ",") + (isNamed ? `${JSON.stringify(entryNames[index])}:` : "")),
    jsonValue(type, `struct_extract_at(${value}, ${index + 1})`, depth),
  ]);
  const [open, close] = isNamed ? "{}" : "[]";
  return `concat('${open}', ${fields.join(", ")}, '${close}')`;
}

/** The value of the member that is set. */
function jsonUnion({ memberTags, memberTypes }: DuckDBUnionType, value: string, depth: number): string {
  const members = memberTags.map((tag, index) => {
    const member = `union_extract(${value}, ${literal(tag)})`;
    return `WHEN ${literal(tag)} THEN ${jsonValue(memberTypes[index]!, member, depth)}`;
  });
  return `CASE union_tag(${value})::VARCHAR ${members.join(" ")} END`;
}
