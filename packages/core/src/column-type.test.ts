import fc from "fast-check";
import { expect, it } from "vitest";
import { isColumnType } from "./column-type.ts";

it.each([
  "BIGINT",
  "timestamp with time zone",
  "DECIMAL(38,38)",
  "NUMERIC(9)",
  "VARCHAR(20)",
  "INTEGER[]",
  "FLOAT[1536]",
  "INTEGER[][3]",
  'STRUCT(a BIGINT, "b ""c" VARCHAR[])[]',
  "MAP(VARCHAR, STRUCT(x DOUBLE))",
  "UNION(num INTEGER, str VARCHAR)",
])("%s is a type", (type) => expect(isColumnType(type)).toBe(true));

it.each([
  "",
  "NULL",
  "WORDS",
  "VARCHAR); DROP TABLE x; --",
  "INTEGER[99999999]",
  "INTEGER[2048][2048]",
  "INTEGER[0]",
  "INTEGER[",
  "DECIMAL(39,2)",
  "DECIMAL(3,9)",
  "DECIMAL(,)",
  "VARCHAR()",
  "STRUCT()",
  "STRUCT(a)",
  "STRUCT(1 BIGINT)",
  'STRUCT("a\0b" BIGINT)',
  "MAP(VARCHAR)",
  "BIGINT BIGINT",
  "BIGINT -- x",
  "BIGINT\nBIGINT",
  "DATE WITH TIME ZONE",
  "ENUM('a')",
  `${"STRUCT(a ".repeat(50)}BIGINT${")".repeat(50)}`,
  `STRUCT(${"a BIGINT, ".repeat(10_000)}b BIGINT)`,
  `${"MAP(".repeat(20_000)}`,
])("%j is not a type", (type) => expect(isColumnType(type)).toBe(false));

it("nothing but letters, digits, and the signs of a type passes outside of quotes", () => {
  const pieces = fc.constantFrom(...'BIGINT|STRUCT(|a |)|,|[|]|3|\'|;|--|/*|$$|\\|"x"|\n'.split("|"));
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      if (isColumnType(text)) expect(text.replaceAll(/"[^"]*"/g, "")).toMatch(/^[A-Z a-z_0-9,()[\]]*$/);
    }),
    { numRuns: 2_000 },
  );
});
