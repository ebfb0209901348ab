import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { json, render, row } from "../../test/render-text.ts";
import { ndjsonFormat } from "./text-formats.ts";

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
