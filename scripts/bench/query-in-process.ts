import { DuckDBInstance } from "@duckdb/node-api";

/** DuckDB in this process, on the same file: what queryd is measured against. */
export interface InProcess {
  rows(sql: string): Promise<unknown[][]>;
  copyJson(sql: string, path: string): Promise<void>;
}

export async function openInProcess(path: string): Promise<InProcess> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET parquet_metadata_cache = true"); // as queryd does
  await connection.run(`CREATE VIEW workers AS SELECT * FROM read_parquet('${path}')`);
  return {
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowsJson(),
    copyJson: async (sql, target) =>
      void (await connection.run(`COPY (${sql}) TO '${target}' (FORMAT json, ARRAY true)`)),
  };
}
