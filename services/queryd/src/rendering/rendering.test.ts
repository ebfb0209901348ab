import { buffer } from "node:stream/consumers";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { describeColumns } from "../engine/describe-columns.ts";
import type { Parameters } from "../engine/parameters.ts";
import { coalesce } from "./coalesce.ts";
import { csvFormat, jsonFormat, ndjsonFormat, type TextFormat } from "./text-formats.ts";
import { textResult } from "./text-result.ts";

let connection: DuckDBConnection;

beforeAll(async () => {
  connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
  await connection.run("SET TimeZone = 'UTC'");
});

async function render(sql: string, format: TextFormat, parameters: Parameters = []): Promise<string> {
  const columns = await describeColumns(connection, { sql, parameters });
  const source = { connection, sql, parameters, columns, startedAt: performance.now() };
  return (await buffer(coalesce(textResult(source, format)))).toString();
}

interface Answer {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  row_count: unknown;
}

/** Parsed with every number as the text that stood there. */
async function json(sql: string, parameters: Parameters = []): Promise<Answer> {
  const text = await render(sql, jsonFormat, parameters);
  return JSON.parse(text, (_key, value, context?: { source?: string }) =>
    typeof value === "number" ? `#${context?.source}` : value,
  ) as Answer;
}

const row = async (select: string) => (await json(`SELECT ${select}`)).rows[0];

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

describe("parameters", () => {
  test("take their SQL type from their JSON type", async () => {
    const { rows, columns } = await json("SELECT $1, $2, $3, $4, $5, $6", [1, 2 ** 40, 1.5, "x", true, null]);
    expect(rows).toEqual([["#1", "#1099511627776", "#1.5", "x", true, null]]);
    expect(columns.map(({ type }) => type)).toEqual(["INTEGER", "BIGINT", "DOUBLE", "VARCHAR", "BOOLEAN", "INTEGER"]);
  });

  test("fit where a literal would: LIMIT, dates, lists of rows", async () => {
    expect((await json("SELECT 1 AS x FROM range(9) LIMIT ?", [2])).rows).toHaveLength(2);
    expect(
      (await json("SELECT x FROM (VALUES (DATE '2024-01-01')) t(x) WHERE x = $1", ["2024-01-01"])).rows,
    ).toHaveLength(1);
    expect((await json("SELECT {'a': $1} AS s", ["x"])).columns).toEqual([{ name: "s", type: "STRUCT(a VARCHAR)" }]);
  });

  test.each([[[]], [[1, 2]]])("a count that does not fit is said", async (parameters) => {
    await expect(json("SELECT $1", parameters)).rejects.toMatchObject({ code: "invalid_request" });
  });
});

describe("CSV", () => {
  test("header, quotes, NULL and the empty text", async () => {
    const sql = `SELECT 1 AS a, 'x,y' AS "b,c", 'say "hi"' AS d, 'two
lines' AS e, NULL AS f, '' AS g, ' plain ' AS h`;
    expect(await render(sql, csvFormat)).toBe('a,"b,c",d,e,f,g,h\n1,"x,y","say ""hi""","two\nlines",,"", plain \n');
  });

  test("types have the text they have in JSON, without its quotes; what is nested is JSON", async () => {
    const sql = `SELECT TIMESTAMPTZ '2024-01-02 03:04:05+00' AS a, 1.10 AS b, 'nan'::DOUBLE AS c, [1, 2] AS d, {'k': 'v'} AS e,
      'ab'::BLOB AS f, NULL::INT[] AS g`;
    expect(await render(sql, csvFormat)).toBe(
      'a,b,c,d,e,f,g\n2024-01-02T03:04:05Z,1.10,nan,"[1,2]","{""k"":""v""}",YWI=,\n',
    );
  });

  test("no rows: the header alone", async () => {
    expect(await render("SELECT 1 AS a WHERE false", csvFormat)).toBe("a\n");
  });

  test("whatever the texts, DuckDB reads back what was there", async () => {
    const texts = fc.array(fc.option(fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é", ";") })), {
      minLength: 1,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(texts, async (values) => {
        const list = values.map((value, i) => `(${i}, ${value === null ? "NULL" : `'${value}'`})`).join(", ");
        const csv = await render(`SELECT * FROM (VALUES ${list}) t(i, x) ORDER BY i`, csvFormat);
        expect(
          parseCsv(csv)
            .slice(1)
            .map(([, x]) => x),
        ).toEqual(values);
      }),
      { numRuns: 300 },
    );
  });
});

describe("NDJSON", () => {
  test("an object a row, by column name; a name given twice is made unique", async () => {
    const text = await render(
      "SELECT 1 AS a, 'x' AS \"A\", NULL AS b, 2 AS a UNION ALL SELECT 3, 'y', 'z', 4",
      ndjsonFormat,
    );
    expect(text).toBe('{"a":1,"A_1":"x","b":null,"a_2":2}\n{"a":3,"A_1":"y","b":"z","a_2":4}\n');
  });

  test("a document with line breaks stays on its line", async () => {
    const text = await render("SELECT '{\n\"a\":\r\n1}'::JSON AS j", ndjsonFormat);
    expect(text.trimEnd()).not.toContain("\n");
    expect(JSON.parse(text)).toEqual({ j: { a: 1 } });
  });

  test("no rows: nothing", async () => {
    expect(await render("SELECT 1 AS a WHERE false", ndjsonFormat)).toBe("");
  });
});

describe("laws", () => {
  const anyText = fc
    .string({ unit: "grapheme", maxLength: 40 })
    .filter((text) => !text.includes("\0") && text.isWellFormed());

  test("texts and column names come back as they were", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyText.filter((name) => name !== ""),
        anyText,
        async (name, value) => {
          const sql = `SELECT '${value.replaceAll("'", "''")}' AS "${name.replaceAll('"', '""')}"`;
          const { columns, rows } = await json(sql);
          expect([columns[0]!.name, rows[0]![0]]).toEqual([name, value]);
          expect(JSON.parse(await render(sql, ndjsonFormat))).toEqual({ [name]: value });
        },
      ),
      { numRuns: 200 },
    );
  });

  test("doubles come back bit by bit", async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (value) => {
        const [text] = (await row(`'${Object.is(value, -0) ? "-0" : value}'::DOUBLE`))!;
        expect(Number(String(text).slice(1))).toBe(value);
      }),
      { numRuns: 200 },
    );
  });

  test("integers and decimals keep every digit", async () => {
    const digits = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n });
    await fc.assert(
      fc.asyncProperty(digits, async (value) => {
        expect(await row(`'${value}'::HUGEINT, '${value}'::DECIMAL(38,0)`)).toEqual([`#${value}`, `#${value}`]);
      }),
      { numRuns: 200 },
    );
  });

  test("rows of any size, short and long mixed, come out whole and in order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 9_000 }), async (count, width) => {
        const sql = `SELECT repeat(chr(97 + (range % 26)::INT), ((range * 7919) % ${width})::INT) AS x FROM range(${count})`;
        const { rows } = await json(sql);
        const expected = Array.from({ length: count }, (_, i) => [
          String.fromCharCode(97 + (i % 26)).repeat((i * 7919) % width),
        ]);
        expect(rows).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});

/** RFC 4180, with NULL for what is empty and not quoted. */
function parseCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [[]];
  const field = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/gy;
  for (let match = field.exec(text); match; match = field.exec(text)) {
    const [, quoted, plain, separator] = match;
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? (plain === "" ? null : plain!));
    if (separator === "\n") rows.push([]);
  }
  return rows.slice(0, -1);
}
