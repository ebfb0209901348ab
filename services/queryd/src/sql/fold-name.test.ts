import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { foldName } from "./fold-name.ts";
import { identifier } from "./sql-quoting.ts";

test("law: two names are one to us exactly where they are one to DuckDB", async () => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const letter = fc.constantFrom(
    "a",
    "A",
    "k",
    "K",
    "\u212A",
    "é",
    "É",
    "ſ",
    "s",
    "S",
    "i",
    "I",
    "İ",
    "ı",
    "_",
    "ß",
    "ẞ",
  );
  const name = fc.array(letter, { minLength: 1, maxLength: 3 }).map((letters) => letters.join(""));
  await fc.assert(
    fc.asyncProperty(name, name, async (defined, read) => {
      const sql = `WITH ${identifier(defined)} AS (SELECT 1) FROM ${identifier(read)}`;
      const isFound = connection.runAndReadAll(sql).then(
        () => true,
        () => false,
      );
      expect(foldName(defined) === foldName(read)).toBe(await isFound);
    }),
    { numRuns: 500 },
  );
  expect(foldName("\u212AELVIN")).toBe("\u212Aelvin");
});
