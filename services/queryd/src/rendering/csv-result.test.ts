import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { render } from "../../test/render-text.ts";
import { csvFormat } from "./text-formats.ts";

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
