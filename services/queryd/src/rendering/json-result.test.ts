import { describe, expect, test } from "vitest";
import { connection, json, render } from "../../test/render-text.ts";
import { jsonFormat } from "./text-formats.ts";

describe("JSON: every type of DuckDB", () => {
  test.each<[string, string, unknown]>([
    ["true", "BOOLEAN", true],
    ["(-128)::TINYINT", "TINYINT", "#-128"],
    ["255::UTINYINT", "UTINYINT", "#255"],
    ["9223372036854775807", "BIGINT", "#9223372036854775807"],
    ["18446744073709551615::UBIGINT", "UBIGINT", "#18446744073709551615"],
    ["170141183460469231731687303715884105727::HUGEINT", "HUGEINT", "#170141183460469231731687303715884105727"],
    ["340282366920938463463374607431768211455::UHUGEINT", "UHUGEINT", "#340282366920938463463374607431768211455"],
    ["'-1234567890123456789012345678901234567890'::BIGNUM", "BIGNUM", "#-1234567890123456789012345678901234567890"],
    ["1.10::DECIMAL(18,3)", "DECIMAL(18,3)", "#1.100"],
    ["(-0.05)::DECIMAL(4,2)", "DECIMAL(4,2)", "#-0.05"],
    [
      "12345678901234567890123456789012.345678::DECIMAL(38,6)",
      "DECIMAL(38,6)",
      "#12345678901234567890123456789012.345678",
    ],
    ["0.1::DOUBLE", "DOUBLE", "#0.1"],
    ["0.1::FLOAT", "FLOAT", "#0.1"],
    ["1e300::DOUBLE", "DOUBLE", "#1e+300"],
    ["'nan'::DOUBLE", "DOUBLE", null],
    ["'-inf'::FLOAT", "FLOAT", null],
    ["'a\"b\\c\n\t' || chr(1) || chr(0) || 'é😀'", "VARCHAR", 'a"b\\c\n\t\u0001\0é😀'],
    ["''", "VARCHAR", ""],
    ["DATE '2024-02-29'", "DATE", "2024-02-29"],
    ["TIME '03:04:05.000006'", "TIME", "03:04:05.000006"],
    ["'03:04:05+02'::TIMETZ", "TIME WITH TIME ZONE", "03:04:05+02"],
    ["'03:04:05.123456789'::TIME_NS", "TIME_NS", "03:04:05.123456789"],
    ["TIMESTAMP '2024-01-02 03:04:05'", "TIMESTAMP", "2024-01-02T03:04:05"],
    ["TIMESTAMP '2024-01-02 03:04:05.123456'", "TIMESTAMP", "2024-01-02T03:04:05.123456"],
    ["'2024-01-02 03:04:05'::TIMESTAMP_S", "TIMESTAMP_S", "2024-01-02T03:04:05"],
    ["'2024-01-02 03:04:05.12'::TIMESTAMP_MS", "TIMESTAMP_MS", "2024-01-02T03:04:05.12"],
    ["'2024-01-02 03:04:05.123456789'::TIMESTAMP_NS", "TIMESTAMP_NS", "2024-01-02T03:04:05.123456789"],
    ["TIMESTAMPTZ '2024-01-02 03:04:05.5+02'", "TIMESTAMP WITH TIME ZONE", "2024-01-02T01:04:05.5Z"],
    ["DATE '0044-03-15 (BC)'", "DATE", "-0043-03-15"],
    ["DATE '0001-12-31 (BC)'", "DATE", "0000-12-31"],
    ["DATE '-infinity'", "DATE", "-infinity"],
    ["TIMESTAMP '0044-03-15 (BC) 10:00:00.5'", "TIMESTAMP", "-0043-03-15T10:00:00.5"],
    ["'0044-03-15 (BC) 10:00:00'::TIMESTAMP_S", "TIMESTAMP_S", "-0043-03-15T10:00:00"],
    ["'0044-03-15 (BC) 10:00:00'::TIMESTAMP_MS", "TIMESTAMP_MS", "-0043-03-15T10:00:00"],
    ["TIMESTAMP '-infinity'", "TIMESTAMP", "-infinity"],
    ["TIMESTAMPTZ '0001-01-01 00:00:00+01'", "TIMESTAMP WITH TIME ZONE", "0000-12-31T23:00:00Z"],
    ["[DATE '0001-01-01', DATE '0001-12-31 (BC)', NULL]", "DATE[]", ["0001-01-01", "0000-12-31", null]],
    ["TIMESTAMPTZ 'infinity'", "TIMESTAMP WITH TIME ZONE", "infinity"],
    ["INTERVAL '1 year 2 days'", "INTERVAL", "1 year 2 days"],
    ["'\\x00\\xFFab'::BLOB", "BLOB", "AP9hYg=="],
    ["''::BLOB", "BLOB", ""],
    ["'0101'::BIT", "BIT", "0101"],
    ["uuid '00000000-0000-0000-0000-00000000000a'", "UUID", "00000000-0000-0000-0000-00000000000a"],
    ["'a\"b'::ENUM('a\"b', 'c')", "ENUM('a\"b', 'c')", 'a"b'],
    ["'POINT (1 2)'::GEOMETRY", "GEOMETRY", "POINT (1 2)"],
    ["[1, NULL, 3]", "INTEGER[]", ["#1", null, "#3"]],
    ["[]::VARCHAR[]", "VARCHAR[]", []],
    ["[[1], [], NULL]", "INTEGER[][]", [["#1"], [], null]],
    ["['a', 'b\"']::VARCHAR[2]", "VARCHAR[2]", ["a", 'b"']],
    ["{'a': 1, 'b \"c': NULL::INT}", 'STRUCT(a INTEGER, "b ""c" INTEGER)', { a: "#1", 'b "c': null }],
    [
      "{'s': {'l': [{'d': DATE '2024-01-01'}]}}",
      "STRUCT(s STRUCT(l STRUCT(d DATE)[]))",
      { s: { l: [{ d: "2024-01-01" }] } },
    ],
    ["row(1, 'x')", "STRUCT(INTEGER, VARCHAR)", ["#1", "x"]],
    ["MAP {'k\"': 1.50, 'l': NULL}", "MAP(VARCHAR, DECIMAL(3,2))", { 'k"': "#1.50", l: null }],
    ["MAP {1: 'one'}", "MAP(INTEGER, VARCHAR)", { 1: "one" }],
    ["MAP {TIMESTAMP '2024-01-02 03:04:05': [1]}", "MAP(TIMESTAMP, INTEGER[])", { "2024-01-02T03:04:05": ["#1"] }],
    ["MAP {[1, 2]: true}", "MAP(INTEGER[], BOOLEAN)", { "[1,2]": true }],
    ["MAP {}::MAP(VARCHAR, INT)", "MAP(VARCHAR, INTEGER)", {}],
    ["union_value(num := 7)::UNION(num INT, str VARCHAR)", "UNION(num INTEGER, str VARCHAR)", "#7"],
    ["union_value(str := 'x')::UNION(num INT, str VARCHAR)", "UNION(num INTEGER, str VARCHAR)", "x"],
    ["'{\"a\": 12345678901234567890123.450}'::JSON", "JSON", { a: "#12345678901234567890123.450" }],
    ["'[1,\n2]'::JSON", "JSON", ["#1", "#2"]],
    ["'[1,]'::JSON", "JSON", "[1,]"],
    ["'{\"a\":NaN}'::JSON", "JSON", '{"a":NaN}'],
    ["'-Infinity'::JSON", "JSON", "-Infinity"],
    ["'\"finance, information\"'::JSON", "JSON", "finance, information"],
    ["['1'::JSON]", "JSON[]", ["#1"]],
    ["42::VARIANT", "VARIANT", "#42"],
    ["NULL", "INTEGER", null],
  ])("%s", async (select, type, value) => {
    const answer = await json(`SELECT ${select} AS x`);
    expect(answer.columns).toEqual([{ name: "x", type }]);
    expect(answer.rows).toEqual([[value]]);
  });

  test("every type of test_all_types(), and NULL of each", async () => {
    const { rows, columns } = await json("SELECT * FROM test_all_types()");
    expect(rows).toHaveLength(3);
    expect(columns.length).toBeGreaterThan(50);
    expect(rows[2]).toEqual(columns.map(() => null));
  });

  test("the answer around the rows", async () => {
    const text = await render("SELECT 1 AS a, 2 AS a WHERE false", jsonFormat);
    expect(text).toMatch(/^\{"columns":\[.*\],"rows":\[\],"row_count":0,"elapsed_ms":[0-9.]+\}\n$/);
    expect(JSON.parse(text)).toMatchObject({ columns: [{ name: "a" }, { name: "a" }], rows: [], row_count: 0 });
  });

  test.each([
    "VALUES (1), (2)",
    "FROM range(1, 3)",
    "(SELECT 1) UNION ALL (SELECT 2)",
    "SELECT * FROM range(1, 3) -- x",
  ])("%s", async (sql) => {
    expect((await json(sql)).rows).toEqual([["#1"], ["#2"]]);
  });

  test.each([
    "DESCRIBE SELECT 1 AS a",
    "SUMMARIZE SELECT 1 AS a",
    "SHOW TABLES",
    "PIVOT (SELECT 1 AS a, 2 AS b) ON a IN (1) USING sum(b)",
    "UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) FROM r",
  ])("%s renders as any SELECT does", async (sql) => {
    const reader = await connection.runAndReadAll(sql);
    expect((await json(sql)).rows).toHaveLength(reader.currentRowCount);
  });

  test("rows keep the order of ORDER BY, over many chunks and threads", async () => {
    const { rows, row_count } = await json("SELECT range AS i FROM range(200_000) ORDER BY i % 7, i DESC");
    const expected = (await connection.runAndReadAll("SELECT range AS i FROM range(200_000) ORDER BY i % 7, i DESC"))
      .getRows()
      .map(([i]) => [`#${i}`]);
    expect(row_count).toBe("#200000");
    expect(rows).toEqual(expected);
  });
});
