import { expect, test } from "vitest";
import { negotiateFormat } from "./result-format.ts";

test.each([
  [undefined, "json"],
  ["", "json"],
  ["text/csv", "csv"],
  ["TEXT/CSV; header=present", "csv"],
  ["application/x-ndjson", "ndjson"],
  ["application/vnd.apache.parquet", "parquet"],
  ["application/vnd.apache.arrow.stream", "arrow"],
  ["text/csv;q=0.1, application/json;q=0.9", "json"],
  ["application/json;q=0.1, text/csv", "csv"],
  ["text/csv;q=0", "json"],
  ["*/*", "json"],
  ["text/*", "csv"],
  ["text/html, */*;q=0.1", "json"],
  ["image/png", "json"],
  ["text/csv;q=x", "json"],
])("Accept: %s → %s", (accept, format) => {
  expect(negotiateFormat(undefined, accept)).toBe(format);
});

test("?format= decides over Accept", () => {
  expect(negotiateFormat("parquet", "text/csv")).toBe("parquet");
});
