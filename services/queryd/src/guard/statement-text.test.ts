import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { firstWord, readStatementText } from "./statement-text.ts";

describe("where a statement begins and ends", () => {
  test.each([
    ["SELECT 1;", "SELECT 1"],
    [" ;; SELECT 1 ; ; ", "SELECT 1"],
    ["SELECT 1; -- done;", "SELECT 1"],
    ["/* a; /* nested; */ */ SELECT 1 /* b */;", "SELECT 1"],
    ["SELECT ';' ;", "SELECT ';'"],
    ["SELECT E'\\';' ;", "SELECT E'\\';'"],
    ['SELECT 1 AS ";" ;', 'SELECT 1 AS ";"'],
    ["SELECT $$;$$;", "SELECT $$;$$"],
    ["SELECT $a$ $$ ; $a$;", "SELECT $a$ $$ ; $a$"],
    ["SELECT 1; SELECT 2;", "SELECT 1; SELECT 2"],
    ["-- nothing", ""],
    [" ; ", ""],
    ["SELECT '", "SELECT '"],
    ["SELECT /* open", "SELECT /* open"],
  ])("%j", (sql, core) => {
    expect(readStatementText(sql)).toEqual({ sql: core, explain: undefined });
  });

  test("whatever is given, the result is a part of it", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (sql) => sql.includes(readStatementText(sql).sql)));
  });
});

describe("EXPLAIN is taken off", () => {
  const plan = { analyze: false, format: "text" };
  test.each([
    ["EXPLAIN SELECT 1", plan],
    ["explain -- why\n SELECT 1;", plan],
    ["EXPLAIN/**/ANALYZE SELECT 1", { analyze: true, format: "text" }],
    ["EXPLAIN (FORMAT json) SELECT 1", { analyze: false, format: "json" }],
    ["EXPLAIN (FORMAT 'JSON') SELECT 1", { analyze: false, format: "json" }],
    ["EXPLAIN ( ANALYZE, FORMAT text ) SELECT 1", { analyze: true, format: "text" }],
    ["EXPLAIN (ANALYZE) SELECT 1", { analyze: true, format: "text" }],
    ["EXPLAIN ANALYZE (FORMAT json) SELECT 1", { analyze: true, format: "json" }],
    ["EXPLAIN (FORMAT csv) SELECT 1", "unknown"],
    ["EXPLAIN (ANALYZE, VERBOSE) SELECT 1", "unknown"],
  ])("%j", (sql, explain) => {
    expect(readStatementText(sql)).toEqual({ sql: "SELECT 1", explain });
  });

  test("a parenthesis may open the query instead", () => {
    expect(readStatementText("EXPLAIN (SELECT 1)")).toEqual({ sql: "(SELECT 1)", explain: plan });
  });

  test("only as the first word", () => {
    expect(readStatementText('"explain" SELECT 1').explain).toBeUndefined();
    expect(readStatementText("SELECT 1 AS explain").explain).toBeUndefined();
  });
});

test("the first word is found behind comments", () => {
  expect(firstWord("/* x */ (copy t")).toBe("COPY");
  expect(firstWord("12 + 3")).toBeUndefined();
});
