import type { DuckDBType } from "@duckdb/node-api";
import { literal } from "../sql/sql-quoting.ts";
import { jsonValue } from "./json-value.ts";
import { scalarText } from "./scalar-text.ts";

/** What makes a field need quotes (RFC 4180): a separator, a quote, a line break; or being empty, since NULL is that. */
const needsQuotes = /[",\r\n]|^$/;

/** The SQL expression of a CSV field: empty for NULL, `""` for the empty text; lists, structs and maps as JSON. */
export function csvValue(type: DuckDBType, value: string): string {
  const scalar = scalarText(type, value);
  const isNested = scalar === undefined;
  if (scalar && ["number", "float", "plain"].includes(scalar.form)) return `coalesce(${scalar.sql}, '')`;
  const text = isNested ? `CASE WHEN ${value} IS NOT NULL THEN ${jsonValue(type, value)} END` : scalar.sql;
  return csvText(text);
}

/** A text of the header, quoted where it has to be. */
export function csvName(name: string): string {
  return needsQuotes.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

function csvText(text: string): string {
  const holdsBreak = [",", "\n", "\r"].map((part) => `contains(${text}, ${literal(part)})`).join(" OR ");
  // replace() would take twice as long as to split and join.
  const doubled = `array_to_string(string_split(${text}, '"'), '""')`;
  return `coalesce(CASE WHEN contains(${text}, '"') THEN concat('"', ${doubled}, '"')
    WHEN ${holdsBreak} OR ${text} = '' THEN concat('"', ${text}, '"') ELSE ${text} END, '')`;
}
