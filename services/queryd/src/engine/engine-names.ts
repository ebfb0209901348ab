import type { DuckDBConnection } from "@duckdb/node-api";

/** What the engine brings by itself, in lower case: refused by name rather than called unknown. */
export interface EngineNames {
  functions: ReadonlySet<string>;
  relations: ReadonlySet<string>;
}

export async function readEngineNames(connection: DuckDBConnection): Promise<EngineNames> {
  const names = async (sql: string) => {
    const reader = await connection.runAndReadAll(sql);
    return new Set(reader.getRows().map(([name]) => String(name)));
  };
  return {
    functions: await names("SELECT DISTINCT lower(function_name) FROM duckdb_functions()"),
    relations: await names("SELECT DISTINCT lower(view_name) FROM duckdb_views() WHERE internal"),
  };
}
