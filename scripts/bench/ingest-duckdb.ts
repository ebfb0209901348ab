import { DuckDBInstance } from "@duckdb/node-api";

/** `node ingest-duckdb.ts IN.csv OUT.parquet COLUMNS-AS-JSON` prints how many milliseconds DuckDB takes by itself, types given. */
const [csv, parquet, columns] = process.argv.slice(2) as [string, string, string];

const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
const connection = await instance.connect();
const types = (JSON.parse(columns) as { name: string; type: string }[]).map(({ name, type }) => `'${name}': '${type}'`);
const startedAt = performance.now();
await connection.run(`
  COPY (
    FROM read_csv('${csv}', columns = {${types.join(", ")}}, header = true, auto_detect = false, delim = ',', quote = '"',
      escape = '"', new_line = '\\n', parallel = false, buffer_size = 2000000)
  ) TO '${parquet}' (FORMAT parquet, ROW_GROUP_SIZE 20480)`);
console.log(performance.now() - startedAt);
