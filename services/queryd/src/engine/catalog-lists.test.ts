import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { beforeEach, describe, expect, test } from "vitest";
import { limitCatalogLists } from "./catalog-lists.ts";

let reader: DuckDBConnection;

const textOf = async (sql: string) => JSON.stringify((await reader.runAndReadAll(sql)).getRowsJson());

beforeEach(async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const writer = await instance.connect();
  await writer.run(`
    CREATE VIEW shown AS SELECT 1 AS shown_column;
    CREATE VIEW hidden AS SELECT 1 AS hidden_column;
    CREATE TABLE shown_table (a INT);
    CREATE TABLE hidden_table (hidden_column INT)`);
  reader = await instance.connect();
  await reader.run("BEGIN TRANSACTION READ ONLY");
});

describe("a connection whose lists are limited", () => {
  test.each([
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "DESCRIBE",
    "FROM information_schema.tables",
    "FROM pg_catalog.pg_class",
  ])("%s", async (sql) => {
    expect(await textOf(sql)).toContain("hidden");
    await limitCatalogLists(reader, ["shown", "shown_table"]);
    const told = await textOf(sql);
    expect([told.includes('"shown"'), told.includes('"shown_table"'), told.includes("hidden")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("shows no other view in any list that DuckDB has, also in those that a newer one brings", async () => {
    await limitCatalogLists(reader, ["shown", "shown_table"]);
    const lists = await reader.runAndReadAll(
      "SELECT format('{}.{}', schema_name, view_name) FROM system.main.duckdb_views() WHERE internal",
    );
    const leaks: string[] = [];
    for (const [list] of lists.getRows()) if (/"hidden"/.test(await textOf(`FROM ${list}`))) leaks.push(String(list));
    expect(lists.currentRowCount).toBeGreaterThan(30);
    expect(leaks).toEqual([]);
  });

  test("shows nothing where nothing is to be shown, and quotes what is", async () => {
    await limitCatalogLists(reader, ["it's"]);
    expect(await textOf("SHOW TABLES")).toBe("[]");
  });

  test("is the only one, until its transaction ends", async () => {
    await limitCatalogLists(reader, []);
    await reader.run("ROLLBACK");
    expect(await textOf("SHOW TABLES")).toContain("hidden");
  });
});
