import type { Manifest } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import { foldName } from "../sql/fold-name.ts";
import { identifier } from "../sql/sql-quoting.ts";
import { columnType } from "./column-type.ts";
import { readParquet } from "./object-check.ts";

/** SHOW and information_schema read these views of DuckDB by their bare names: a dataset would take their place. */
const shadowing = new Set(["duckdb_columns", "duckdb_tables", "duckdb_views"]);

/** The dataset as a view over all its objects. @throws LakehouseError `dataset_unavailable` for a name that DuckDB itself reads */
export function createViewSql({ name, columns }: Manifest, locations: readonly string[]): string {
  if (locations.length === 0) return emptyViewSql(name, columns);
  return `${createView(name)} AS SELECT * FROM ${readParquet(locations)}`;
}

/** The dataset's columns without its rows: for one whose objects are not here yet, or that has none. */
export function emptyViewSql(name: string, columns: Manifest["columns"]): string {
  const typed = columns.map((column) => `NULL::${columnType(column.type)} AS ${identifier(column.name)}`);
  return `${createView(name)} AS SELECT ${typed.join(", ")} WHERE false`;
}

export function dropViewSql(name: string): string {
  return `DROP VIEW IF EXISTS main.${identifier(name)}`;
}

function createView(name: string): string {
  if (!shadowing.has(foldName(name))) return `CREATE OR REPLACE VIEW main.${identifier(name)}`;
  throw new LakehouseError(
    "dataset_unavailable",
    `${name} is a name that DuckDB's own lists are read by; take another.`,
  );
}
