import { columnAliases, type ResultColumn, uniqueNames } from "../engine/result-columns.ts";
import { literal } from "../sql/sql-quoting.ts";
import { csvName, csvValue } from "./csv-value.ts";
import { jsonValue } from "./json-value.ts";

interface ResultEnd {
  rowCount: number;
  elapsedMs: number;
}

/** A format that is written row by row: what stands before, for each row, and after. */
export interface TextFormat {
  head(columns: readonly ResultColumn[]): string;
  /** A SQL expression over c0, c1, …, never NULL: a row's text, separator included. */
  row(columns: readonly ResultColumn[]): string;
  /** How many bytes of the very first row are to be left out: its separator. */
  firstRowSkip: number;
  tail(end: ResultEnd): string;
}

export const jsonFormat: TextFormat = {
  head: (columns) => {
    const described = columns.map(({ name, typeName }) => ({ name, type: typeName }));
    return `{"columns":${JSON.stringify(described)},"rows":[`;
  },
  row: (columns) => {
    const values = columnAliases(columns).map((alias, index) => jsonValue(columns[index]!.type, alias));
    return `concat(${literal(",\n[")}, ${values.join(", ',', ")}, ']')`;
  },
  firstRowSkip: 1,
  tail: ({ rowCount, elapsedMs }) => `],"row_count":${rowCount},"elapsed_ms":${elapsedMs}}\n`,
};

export const ndjsonFormat: TextFormat = {
  head: () => "",
  row: (columns) => {
    const names = uniqueNames(columns.map(({ name }) => name));
    const fields = columnAliases(columns).flatMap((alias, index) => [
      literal(`${index === 0 ? "{" : ","}${JSON.stringify(names[index])}:`),
      jsonValue(columns[index]!.type, alias),
    ]);
    return `concat(${fields.join(", ")}, ${literal("}\n")})`;
  },
  firstRowSkip: 0,
  tail: () => "",
};

/** Lines end with LF alone, as DuckDB, psql and the CSVs that come in here write them. */
export const csvFormat: TextFormat = {
  head: (columns) => `${columns.map(({ name }) => csvName(name)).join(",")}\n`,
  row: (columns) => {
    const fields = columnAliases(columns).map((alias, index) => csvValue(columns[index]!.type, alias));
    return `concat(${fields.join(", ',', ")}, ${literal("\n")})`;
  },
  firstRowSkip: 0,
  tail: () => "",
};
