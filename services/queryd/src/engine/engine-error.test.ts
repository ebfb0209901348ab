import { DuckDBInstance } from "@duckdb/node-api";
import { LakehouseError } from "@lakehouse/core";
import { expect, test } from "vitest";
import { explainEngineError } from "./engine-error.ts";

const explain = (message: string, options = {}) => explainEngineError(new Error(message), options) as LakehouseError;

test.each([
  ["Parser Error: syntax error at end of input", "sql_error", { kind: "parser" }],
  ["Failed to extract statements: Parser Error: x", "sql_error", { kind: "parser" }],
  ["Binder Error: no such column", "sql_error", { kind: "binder" }],
  ["Catalog Error: no such table", "sql_error", { kind: "catalog" }],
  ["Conversion Error: not a number", "sql_error", { kind: "conversion" }],
  ["Invalid Input Error: IO Error: said by error('…')", "sql_error", { kind: "invalid_input" }],
  ["Out of Range Error: too big", "sql_error", { kind: "out_of_range" }],
  ["Out of Memory Error: failed to allocate", "query_out_of_memory", undefined],
  ['IO Error: Cannot open file "/data/secret"', "dataset_unavailable", undefined],
  ["HTTP Error: 403 on s3://bucket", "dataset_unavailable", undefined],
  ["INTERRUPT Error: Interrupted!", "query_timeout", undefined],
  ["Permission Error: file system operations are disabled", "statement_not_allowed", undefined],
])("%s", (message, code, details) => {
  const error = explain(message);
  expect(error.code).toBe(code);
  expect(error.details).toEqual(details);
  if (code !== "sql_error") expect(error.message).not.toContain(message.split(": ")[1]);
});

test("an error that names an object's place is about the object, and does not show it", () => {
  const error = explain("Invalid Input Error: No magic bytes found at end of file '/data/x.parquet'", {
    locations: ["/data"],
  });
  expect(error.code).toBe("dataset_unavailable");
  expect(error.message).not.toContain("/data");
});

test("a place that the client's own statement names makes no object a damaged one", () => {
  const sql = "SELECT '/data/x'::INT";
  const error = explain("Conversion Error: Could not convert string '/data/x' to INT32", { locations: ["/data"], sql });
  expect(error.code).toBe("sql_error");
});

test("a column of a type that node-api does not know is the statement's fault", async () => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const result = await connection.run("SELECT get_type(1)");
  const error = await Promise.resolve()
    .then(() => result.columnTypes())
    .catch((thrown: unknown) => thrown);
  expect(explainEngineError(error)).toMatchObject({ code: "sql_error", details: { kind: "not_implemented" } });
});

test("an excerpt is shown only where it is of the client's own statement", () => {
  const message = "Conversion Error: bad\n\nLINE 1: ...CAST(x AS INT) FROM...\n           ^";
  expect(explain(message, { sql: "SELECT CAST(x AS INT) FROM t" }).message).toBe(message);
  expect(explain(message, { sql: "SELECT 1" }).message).toBe("Conversion Error: bad");
});

test("what the engine did not throw, and its own faults, go on as they are", () => {
  for (const error of [new TypeError("x"), new Error("INTERNAL Error: bug"), new LakehouseError("query_busy", "x")]) {
    expect(explainEngineError(error)).toBe(error);
  }
});
