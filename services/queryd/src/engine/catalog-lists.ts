import type { DuckDBConnection } from "@duckdb/node-api";
import { literal } from "../sql/sql-quoting.ts";

/** DuckDB's own lists of what is in its catalog, and the column of each that names a table or view. */
const lists = { duckdb_tables: "table_name", duckdb_views: "view_name", duckdb_columns: "table_name" } as const;

/**
 * Makes SHOW, information_schema and pg_catalog list these datasets alone, for as long as the connection lives. DuckDB reads the lists
 * of its catalog by their bare names, as views and as functions, and looks among temporary ones first. The rows are copied: over a mere
 * filter the optimizer may run the client's own condition, and EXPLAIN ANALYZE would count what was left out. Within a read-only
 * transaction what is temporary can still be made.
 */
export async function limitCatalogLists(connection: DuckDBConnection, datasets: readonly string[]): Promise<void> {
  const names = datasets.map((name) => `, ${literal(name)}`).join("");
  const statements = Object.entries(lists).map(
    ([list, column]) => `
      CREATE TEMP TABLE ${list} AS
        SELECT * FROM system.main.${list}() WHERE database_name = 'memory' AND schema_name = 'main' AND ${column} IN (NULL${names});
      CREATE TEMP MACRO ${list}() AS TABLE SELECT * FROM temp.main.${list}`,
  );
  await connection.run(statements.join(";"));
}
