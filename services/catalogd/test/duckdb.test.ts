import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { ask } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { startProcesses } from "./processes.ts";
import { datasetObject, registerRequest } from "./requests.ts";

test("DuckDB shows the catalog from its files, with types that SQL can work with", async () => {
  await using processes = await startProcesses();
  const url = `${processes.catalogd.url}/catalog/register`;
  const stats = {
    zip: { min: "00501", max: "99950", null_count: 1 },
    id: { min: 1, max: "9007199254740993", null_count: 0 },
    empty: { min: null, max: null, null_count: 10 },
  };
  const first = await ask(
    "POST",
    url,
    registerRequest("a", [], { objects: [{ ...datasetObject("k1"), stats }], row_count: 10 }),
  );
  await ask("POST", url, registerRequest("b", ["k2", "k3"]));
  await ask("POST", url, registerRequest("nothing"));

  const files = `read_parquet('${join(processes.folder, "objects/primary/_catalog/manifests/*.parquet")}')`;
  const connection = await (await DuckDBInstance.create()).connect();
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();

  expect(await rows(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${files})`)).toEqual([
    ["dataset_id", "VARCHAR"],
    ["name", "VARCHAR"],
    ["schema_fingerprint", "VARCHAR"],
    ["columns", 'STRUCT("name" VARCHAR, "type" VARCHAR)[]'],
    [
      "objects",
      'STRUCT("key" VARCHAR, size BIGINT, row_count BIGINT, stats MAP(VARCHAR, STRUCT(min VARCHAR, max VARCHAR, null_count BIGINT)))[]',
    ],
    ["row_count", "BIGINT"],
    ["created_at", "TIMESTAMP WITH TIME ZONE"],
    ["updated_at", "TIMESTAMP WITH TIME ZONE"],
  ]);
  expect(await rows(`SELECT name, row_count, len(objects), columns[2].name FROM ${files} ORDER BY name`)).toEqual([
    ["a", "10", "1", "zip"],
    ["b", "20", "2", "zip"],
    ["nothing", "0", "0", "zip"],
  ]);
  const ofA = (what: string) => rows(`SELECT ${what} FROM ${files} WHERE name = 'a'`).then(([row]) => row?.[0]);
  expect(await ofA("objects[1].stats['zip'].min ->> '$'")).toBe("00501");
  expect(await ofA("objects[1].stats['id'].max ->> '$'")).toBe("9007199254740993");
  expect(await ofA("objects[1].stats['empty'].min")).toBe(null);
  expect(await ofA("epoch_ms(created_at)")).toBe(String(Date.parse(first.body.manifest.created_at)));
  const [metadata] = await rows(
    `SELECT decode(value) FROM ${files.replace("read_parquet", "parquet_kv_metadata")} WHERE decode(key) = 'lakehouse.manifest_sha256' LIMIT 1`,
  );
  expect(metadata?.[0]).toMatch(/^[0-9a-f]{64}$/);
});
