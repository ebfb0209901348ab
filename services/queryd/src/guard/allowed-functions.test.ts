import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import {
  allowedFunctionPrefixes,
  allowedFunctions,
  allowedTableFunctions,
  deniedFunctionPrefixes,
  deniedFunctions,
  deniedTableFunctions,
} from "./allowed-functions.ts";

async function engineFunctions(kinds: string): Promise<string[]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const sql = `SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type IN (${kinds}) ORDER BY 1`;
  return (await connection.runAndReadAll(sql)).getRows().map(([name]) => String(name));
}

test("every scalar and aggregate function of the engine was reviewed", async () => {
  const prefixes = [...allowedFunctionPrefixes, ...deniedFunctionPrefixes];
  const functions = await engineFunctions("'scalar', 'aggregate', 'macro'");
  const unreviewed = functions.filter(
    (name) =>
      !allowedFunctions.has(name) && !deniedFunctions.has(name) && !prefixes.some((prefix) => name.startsWith(prefix)),
  );
  expect(functions.length).toBeGreaterThan(500);
  expect(unreviewed).toEqual([]);
});

test("every table function of the engine was reviewed", async () => {
  const functions = await engineFunctions("'table', 'table_macro'");
  const unreviewed = functions.filter((name) => !allowedTableFunctions.has(name) && !deniedTableFunctions.has(name));
  expect(functions.length).toBeGreaterThan(80);
  expect(unreviewed).toEqual([]);
});

test("no function is both allowed and denied", () => {
  expect([...allowedFunctions].filter((name) => deniedFunctions.has(name))).toEqual([]);
  expect([...allowedTableFunctions].filter((name) => deniedTableFunctions.has(name))).toEqual([]);
});
