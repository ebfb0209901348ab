import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** DuckDB in this process, on the same file: what queryd is measured against. */
export interface InProcess {
  /** Runs a statement, and gives its rows as values of JSON. */
  rows(sql: string): Promise<unknown[][]>;
  /** Writes the rows as text that nobody keeps. */
  write(sql: string, format: "json" | "ndjson"): Promise<void>;
  /** One more connection to the same engine. */
  connect(): Promise<Pick<InProcess, "rows">>;
}

export async function openInProcess(path: string): Promise<InProcess> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET parquet_metadata_cache = true"); // as queryd does
  await connection.run(`CREATE VIEW workers AS SELECT * FROM read_parquet('${path}')`);
  return {
    rows: (sql) => rowsOf(connection, sql),
    write: async (sql, format) =>
      void (await connection.run(`COPY (${sql}) TO '/dev/null' (FORMAT json, ARRAY ${format === "json"})`)),
    connect: async () => {
      const another = await instance.connect();
      return { rows: (sql) => rowsOf(another, sql) };
    },
  };
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}
