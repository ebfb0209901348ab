import { DuckDBInstance } from "@duckdb/node-api";
import { temporaryFolder } from "@lakehouse/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withoutFiles } from "./plan-redaction.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let instance: DuckDBInstance;

beforeAll(async () => {
  folder = await temporaryFolder();
  instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT range AS a, range % 7 AS "┌│x" FROM range(9000)) TO '${folder.path}/ab.parquet'`);
  await connection.run(`CREATE VIEW t AS SELECT * FROM read_parquet('${folder.path}/ab.parquet')`);
});

afterAll(() => folder.remove());

test.each([
  "SELECT sum(a) FROM t",
  "SELECT * FROM t x JOIN t y USING (a) WHERE x.a > 5",
  "SELECT * FROM t x JOIN t y USING (a) JOIN t z USING (a) ORDER BY a LIMIT 3",
  `SELECT "┌│x", '│┌─┐│' AS y FROM t JOIN (SELECT a, '│' || a AS "│││", '┌' AS "┌" FROM t) USING (a) WHERE "┌│x" <> '99'`,
  `SELECT a AS "line
break" FROM t JOIN (SELECT a AS b, 'x
│┌─┐│' AS "─┐
┌─" FROM t) ON a = b`,
  "SELECT * FROM t UNION ALL SELECT * FROM t",
])("a plan tells times and rows, and no part of a path: %s", async (sql) => {
  const connection = await instance.connect();
  const [[, plan]] = (await connection.runAndReadAll(`EXPLAIN ANALYZE ${sql}`)).getRows() as [[string, string]];
  expect(plan).toContain("Filename");
  const shown = withoutFiles(plan);
  expect(shown).toMatch(/\d rows?/);
  expect(shown).toMatch(/\d\.\d+s/);
  expect(shown).not.toContain("parquet");
  for (const part of folder.path.split("/").filter((name) => name.length > 3)) expect(shown).not.toContain(part);
});

test("a plan without files is as it was", async () => {
  const connection = await instance.connect();
  const [[, plan]] = (await connection.runAndReadAll("EXPLAIN ANALYZE SELECT 1")).getRows() as [[string, string]];
  expect(withoutFiles(plan)).toBe(plan);
});
