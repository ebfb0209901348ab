import { LakehouseError, type Manifest } from "@lakehouse/contracts";
import { foldName } from "../engine/fold-name.ts";
import { identifier, literal } from "../engine/sql-quoting.ts";

/** SHOW and information_schema read these views of DuckDB by their bare names: a dataset would take their place. */
const shadowing = new Set(["duckdb_columns", "duckdb_tables", "duckdb_views"]);

/** The dataset as a view over all its objects. @throws LakehouseError `dataset_unavailable` for a name that DuckDB itself reads */
export function createViewSql({ name, columns }: Manifest, locations: readonly string[]): string {
  return locations.length === 0 ? emptyViewSql(name, columns) : parquetViewSql(name, locations);
}

/** The dataset's columns without its rows: for one whose objects are not here yet, or that has none. */
export function emptyViewSql(name: string, columns: Manifest["columns"]): string {
  const typed = columns.map((column) => `NULL::${columnType(column.type)} AS ${identifier(column.name)}`);
  return `${createView(name)} AS SELECT ${typed.join(", ")} WHERE false`;
}

export function dropViewSql(name: string): string {
  return `DROP VIEW IF EXISTS main.${identifier(name)}`;
}

/** Paths are keys, so nothing in them is a partition or a pattern. */
function parquetViewSql(name: string, locations: readonly string[]): string {
  const files = locations.map(literal).join(", ");
  return `${createView(name)} AS
    SELECT * FROM read_parquet([${files}], hive_partitioning = false, union_by_name = false)`;
}

function createView(name: string): string {
  if (!shadowing.has(foldName(name))) return `CREATE OR REPLACE VIEW main.${identifier(name)}`;
  throw new LakehouseError(
    "dataset_unavailable",
    `${name} is a name that DuckDB's own lists are read by; take another.`,
  );
}

/**
 * A type goes into SQL as it is, so it has to look like one: words, with numbers in parentheses or brackets.
 * @throws LakehouseError `dataset_unavailable`
 */
function columnType(type: string): string {
  if (/^[A-Za-z][A-Za-z0-9_ ]*(\(\d+(, ?\d+)?\))?(\[\d*\])*$/.test(type)) return type;
  throw new LakehouseError("dataset_unavailable", `${JSON.stringify(type)} is no type of a column.`);
}
