import { DuckDBInstance } from "@duckdb/node-api";
import { timeOf } from "./measure/in-turn.ts";

/**
 * `node ingest-duckdb.ts IN.csv OUT.parquet THREADS COLUMNS-AS-JSON` prints how many milliseconds DuckDB takes by itself, types
 * given and order kept. One thread is one core's worth; with more the peer has the whole machine.
 */
const [csv, parquet, threads, columns] = process.argv.slice(2) as [string, string, string, string];

const instance = await DuckDBInstance.create(":memory:", { threads });
const connection = await instance.connect();
const types = (JSON.parse(columns) as { name: string; type: string }[]).map(({ name, type }) => `'${name}': '${type}'`);
const statement = `
  COPY (
    FROM read_csv('${csv}', columns = {${types.join(", ")}}, header = true, auto_detect = false, delim = ',', quote = '"',
      escape = '"', new_line = '\\n', parallel = ${threads !== "1"}${threads === "1" ? ", buffer_size = 2000000" : ""})
  ) TO '${parquet}' (FORMAT parquet, ROW_GROUP_SIZE 20480)`;
console.log(await timeOf(() => connection.run(statement)));
