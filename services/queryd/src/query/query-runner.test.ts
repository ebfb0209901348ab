import { readdir, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { DuckDBInstance } from "@duckdb/node-api";
import { tableFromIPC } from "apache-arrow";
import { describe, expect, test } from "vitest";
import { answer, failure, harness, idle, openForEachTest, rows, run } from "../../test/numbers-harness.ts";

openForEachTest();

describe("an answer", () => {
  test("that is small comes whole, one that is large as a stream", async () => {
    expect(await run("SELECT count(*) FROM numbers")).toBeInstanceOf(Buffer);
    const body = await run("SELECT * FROM numbers");
    expect(body).toBeInstanceOf(Readable);
    const { rows: all, row_count } = JSON.parse((await buffer(body as Readable)).toString());
    expect([all.length, row_count, all[99_999]]).toEqual([100_000, 100_000, [99_999, "text 99999"]]);
    await idle();
  });

  test.each(["ndjson", "csv", "parquet", "arrow"] as const)(
    "that was small is the same again, as %s",
    async (format) => {
      const sql = "SELECT i, 'x' || i AS x FROM numbers WHERE i < 3_000 ORDER BY i";
      const first = await answer(sql, format);
      expect(await answer(sql, format)).toEqual(first);
    },
  );

  test("takes parameters, EXPLAIN too", async () => {
    expect(await rows({ sql: "SELECT t FROM numbers WHERE i = $1", params: [7] })).toEqual([["text 7"]]);
    const [[, plan]] = (await rows({ sql: "EXPLAIN SELECT t FROM numbers WHERE i = ?", params: [7] })) as [
      [string, string],
    ];
    expect(plan).toContain("READ_PARQUET");
  });

  test("to EXPLAIN ANALYZE shows no path", async () => {
    const text = (await answer("EXPLAIN ANALYZE SELECT sum(i) FROM numbers")).toString();
    expect(text).toContain("READ_PARQUET");
    for (const part of harness.folder.split("/").filter((name) => name.length > 3)) expect(text).not.toContain(part);
  });

  test("as Parquet reads back as it was, with unique names and exact integers", async () => {
    const sql = "SELECT i, t, sum(i) OVER () AS total, {'a': [i]} AS s, i AS I FROM numbers ORDER BY i DESC";
    const path = `${harness.folder}/answer.parquet`;
    await writeFile(path, await answer(sql, "parquet"));
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const reader = await connection.runAndReadAll(`SELECT *, typeof(total) FROM '${path}' LIMIT 1`);
    expect(reader.columnNames().slice(0, 5)).toEqual(["i", "t", "total", "s", "I_1"]);
    expect(reader.getRowsJson()[0]).toEqual([
      "99999",
      "text 99999",
      "4999950000",
      { a: ["99999"] },
      "99999",
      "DECIMAL(38,0)",
    ]);
    expect(await readdir(harness.exportFolder)).toEqual([]);
  });

  test("as Arrow reads back as it was, many batches and none", async () => {
    const table = tableFromIPC(await answer("SELECT i, t, INTERVAL 1 MONTH AS v FROM numbers ORDER BY i", "arrow"));
    expect(table.numRows).toBe(100_000);
    expect(String(table.schema.fields.map(({ name, type }) => `${name}:${type}`))).toBe("i:Int64,t:Utf8,v:Utf8");
    expect(table.get(99_999)?.toJSON()).toEqual({ i: 99_999n, t: "text 99999", v: "1 month" });
    const empty = tableFromIPC(await answer("SELECT i FROM numbers WHERE false", "arrow"));
    expect([empty.numRows, empty.schema.fields.map(({ name }) => name)]).toEqual([0, ["i"]]);
    expect(await readdir(harness.exportFolder)).toEqual([]);
  });

  test.each(["parquet", "arrow"] as const)("%s takes parameters", async (format) => {
    const bytes = await answer({ sql: "SELECT i FROM numbers WHERE i < $1", params: [3] }, format);
    expect(bytes.length).toBeGreaterThan(100);
  });
});

describe("errors", () => {
  test.each([
    ["SELECT nope FROM numbers", "binder"],
    ["SELECT upper(1, 2, 3)", "binder"],
    ["SELECT CAST('x' AS INT)", "conversion"],
    ["SELECT 99999999999::INT", "conversion"],
    ["SELECT sqrt(-1)", "out_of_range"],
    ["SELECT error('said so')", "invalid_input"],
    ["SELECT (SELECT i FROM numbers)", "invalid_input"],
    ["SELECT", "parser"],
    ["SELECT * FROM nowhere", "catalog"],
  ])("%s: sql_error of kind %s", async (sql, kind) => {
    expect(await failure(sql)).toMatchObject({ code: "sql_error", details: { kind } });
    await idle();
  });

  test("the place of a mistake is shown in the client's own words", async () => {
    expect((await failure("SELECT nope FROM numbers")).message).toMatch(/LINE 1: SELECT nope FROM numbers\n +\^/);
    expect((await failure("SELECT CAST(t AS INT) FROM numbers")).message).not.toContain("encode(");
  });
});
