import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type TemporaryFolder, temporaryFolder } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Engine } from "./engine.ts";

let folder: TemporaryFolder;
let engine: Engine;
let connection: DuckDBConnection;
let allowed: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  allowed = join(folder.path, "objects/");
  await mkdir(allowed);
  await mkdir(`${allowed.slice(0, -1)}-of-others`);
  await writeFile(join(folder.path, "secret.csv"), "secret\nLEAK\n");
  await writeFile(`${allowed.slice(0, -1)}-of-others/secret.csv`, "secret\nLEAK\n");
  process.env["LAKEHOUSE_TEST_SECRET"] = "LEAK";
  engine = await Engine.open({
    memoryLimitBytes: 64 * 2 ** 20,
    threads: 2,
    spillFolder: join(folder.path, "spill"),
    allowedFolders: [allowed],
  });
  connection = await engine.freshConnection();
});

afterAll(async () => {
  delete process.env["LAKEHOUSE_TEST_SECRET"];
  await engine.close();
  await folder.remove();
});

/** Straight at the engine, as if the guard had let it pass. */
async function attempt(sql: string): Promise<string> {
  try {
    const reader = await connection.runAndReadAll(sql.replaceAll("$FOLDER", folder.path));
    return JSON.stringify(reader.getRowsJson());
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
}

describe("what the guard would let pass by a mistake, the engine still refuses", () => {
  test.each([
    "SELECT * FROM '$FOLDER/secret.csv'",
    "SELECT * FROM read_text('$FOLDER/secret.csv')",
    "SELECT * FROM read_text('$FOLDER/objects/../secret.csv')",
    "SELECT * FROM read_text('$FOLDER/objects-of-others/secret.csv')",
    "SELECT * FROM read_csv('$FOLDER/*.csv')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM glob('$FOLDER/*')",
    "SELECT * FROM 'http://127.0.0.1:9/x.csv'",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "COPY (SELECT 1) TO '$FOLDER/written.csv'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '$FOLDER/written.csv'",
    "EXPORT DATABASE '$FOLDER/written'",
    "ATTACH '$FOLDER/written.db' AS x",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '$FOLDER/x.duckdb_extension'",
    "INSTALL spatial FROM community",
    "CREATE PERSISTENT SECRET s (TYPE s3)",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "SET allowed_directories = ['/']",
    "SET allowed_paths = ['/etc/passwd']",
    "SET allowed_configs = ['threads']",
    "SET allow_community_extensions = true",
    "SET memory_limit = '100GB'",
    "SET threads = 64",
    "SET temp_directory = '/tmp'",
    "SET TimeZone = 'America/New_York'",
    "SET file_search_path = '/etc'",
    "SET extension_directory = '/tmp'",
    "SET custom_extension_repository = 'http://127.0.0.1:9'",
    "SET home_directory = '/etc'",
    "SET log_query_path = '$FOLDER/written.log'",
    "SET profiling_output = '$FOLDER/written.json'",
    "SELECT getenv('LAKEHOUSE_TEST_SECRET')",
  ])("%s", async (sql) => {
    const answer = await attempt(sql);
    expect(answer).toMatch(/^refused: /);
    expect(answer).not.toContain("LEAK");
  });

  test("and nothing was written", () => {
    for (const name of ["written", "written.csv", "written.db", "written.log", "written.json"]) {
      expect(existsSync(join(folder.path, name)), name).toBe(false);
    }
  });

  test("within a read-only transaction nothing can be made", async () => {
    await connection.run("BEGIN TRANSACTION READ ONLY");
    expect(await attempt("CREATE VIEW v AS SELECT 1")).toMatch(/^refused: .*read-only/);
    await connection.run("ROLLBACK");
  });
});

test("every connection runs in UTC, under the limits it was opened with", async () => {
  const other = await engine.freshConnection();
  const settings = "'TimeZone', 'threads', 'memory_limit', 'parquet_metadata_cache'";
  const reader = await other.runAndReadAll(
    `SELECT name, value FROM duckdb_settings() WHERE name IN (${settings}) ORDER BY lower(name)`,
  );
  expect(Object.fromEntries(reader.getRows() as [string, string][])).toEqual({
    memory_limit: "64.0 MiB",
    parquet_metadata_cache: "true",
    threads: "2",
    TimeZone: "UTC",
  });
});

test("an engine that does not keep its locks does not open", async () => {
  const open = Engine.open({
    memoryLimitBytes: 64 * 2 ** 20,
    threads: 1,
    spillFolder: join(folder.path, "spill2"),
    allowedFolders: [allowed],
    prepare: async (one) => void (await one.run("SET lock_configuration = true")),
  });
  await expect(open).rejects.toThrow("configuration has been locked");
});

test("what does not fit the memory spills into its folder, and within it", async () => {
  const reader = await connection.runAndReadAll(
    "SELECT count(*), max(x) FROM (SELECT md5(range::VARCHAR) AS x FROM range(2_000_000) ORDER BY x)",
  );
  expect(reader.getRowsJson()[0]![0]).toBe("2000000");
});
