import type { DuckDBConnection } from "@duckdb/node-api";
import type { DatasetObject, Manifest } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import { identifier, literal } from "../sql/sql-quoting.ts";
import { columnType } from "./column-type.ts";

export interface LocatedObject extends Pick<DatasetObject, "key" | "size" | "row_count"> {
  location: string;
}

/**
 * Holds Parquet objects against their manifest: size, number of rows, names and types of columns. The engine would take what a
 * file says for the truth, and would turn a text "007" into 7 where the dataset's first file has numbers.
 * @throws LakehouseError `dataset_unavailable` that says what differs; the engine's error where it can't read an object
 */
export async function assertAsRegistered(
  connection: DuckDBConnection,
  columns: Manifest["columns"],
  objects: readonly LocatedObject[],
): Promise<void> {
  if (objects.length === 0) return;
  await assertFigures(connection, objects);
  const registered = await describe(connection, `SELECT ${columns.map(nullOf).join(", ")}`);
  for (const { location } of objects) {
    const stored = await describe(connection, `SELECT * FROM ${readParquet([location])}`);
    const difference = differenceOf(registered, stored);
    if (difference !== undefined) throw contradiction(location, difference);
  }
}

/** Paths are keys, so nothing in them is a partition or a pattern. */
export function readParquet(locations: readonly string[]): string {
  return `read_parquet([${locations.map(literal).join(", ")}], hive_partitioning = false, union_by_name = false)`;
}

function nullOf({ name, type }: Manifest["columns"][number]): string {
  return `NULL::${columnType(type)} AS ${identifier(name)}`;
}

async function assertFigures(connection: DuckDBConnection, objects: readonly LocatedObject[]): Promise<void> {
  const files = objects.map(({ location }) => literal(location)).join(", ");
  const sql = `SELECT file_name, num_rows, file_size_bytes FROM parquet_file_metadata([${files}])`;
  const figures = (await connection.runAndReadAll(sql)).getRows();
  const byName = new Map(
    figures.map(([name, rows, size]) => [String(name), { rows: Number(rows), size: Number(size) }]),
  );
  for (const { location, size, row_count } of objects) {
    const stored = byName.get(location);
    if (stored?.size !== size) throw contradiction(location, `has ${stored?.size} bytes; the manifest says ${size}`);
    if (stored.rows !== row_count)
      throw contradiction(location, `has ${stored.rows} rows; the manifest says ${row_count}`);
  }
}

type DescribedColumn = { name: string; type: string };

/** Binds the statement without running it. */
async function describe(connection: DuckDBConnection, sql: string): Promise<DescribedColumn[]> {
  const prepared = await connection.prepare(sql);
  try {
    return Array.from({ length: prepared.columnCount }, (_, index) => ({
      name: prepared.columnName(index),
      type: String(prepared.columnType(index)),
    }));
  } finally {
    prepared.destroySync();
  }
}

function differenceOf(registered: DescribedColumn[], stored: DescribedColumn[]): string | undefined {
  if (registered.length !== stored.length) {
    return `has ${stored.length} columns; the manifest says ${registered.length}`;
  }
  const at = registered.findIndex(
    ({ name, type }, index) => name !== stored[index]!.name || type !== stored[index]!.type,
  );
  if (at === -1) return undefined;
  return `has the column ${show(stored[at]!)} where the manifest says ${show(registered[at]!)}`;
}

function show({ name, type }: DescribedColumn): string {
  return `${JSON.stringify(name.slice(0, 80))} ${type.slice(0, 80)}`;
}

/** In terms of the location, which is replaced by the number of the object before anybody sees it. */
function contradiction(location: string, difference: string): LakehouseError {
  return new LakehouseError("dataset_unavailable", `"${location}" ${difference}.`);
}
