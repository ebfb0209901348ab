import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type TemporaryFolder, temporaryFolder } from "@lakehouse/testing";
import { tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DICTIONARY_BYTES_MAX, ROW_GROUP_ROWS_MAX } from "../src/columns/limits.ts";
import { convert } from "./convert-harness.ts";

let folder: TemporaryFolder;
let duckdb: DuckDBConnection;
let parquetPath: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  duckdb = await (await DuckDBInstance.create(":memory:")).connect();
  parquetPath = join(folder.path, "x.parquet");
});

afterAll(async () => {
  duckdb.closeSync();
  await folder.remove();
});

async function rows(sql: string): Promise<unknown[][]> {
  const result = await duckdb.runAndReadAll(sql.replaceAll("$file", `'${parquetPath}'`));
  return result.getRowsJson() as unknown[][];
}

describe("a Parquet file", () => {
  const count = ROW_GROUP_ROWS_MAX * 2 + 77;
  const roles = ["Welder", "CNC", 'say "hi"', "", "Päcker"];
  const roleOf = (row: number) => roles[row % roles.length]!;

  beforeAll(() => {
    const lines = Array.from({ length: count }, (_, row) => {
      const role = `"${roleOf(row).replaceAll('"', '""')}"`;
      return `${row},${role},${row % 3 === 0 ? "" : row / 8},${row % 2 === 0},text of row ${row}`;
    });
    convert({ file: `id,role,part,even,text\n${lines.join("\n")}\n`, parquetPath });
  });

  it("keeps every row in order over row groups and dictionaries", async () => {
    const sql = `SELECT count(*), count(*) FILTER (
        id = file_row_number
        AND role IS NOT DISTINCT FROM nullif(['Welder', 'CNC', 'say "hi"', '', 'Päcker'][id % 5 + 1], '')
        AND part IS NOT DISTINCT FROM (CASE WHEN id % 3 = 0 THEN NULL ELSE id / 8 END)
        AND even = (id % 2 = 0) AND text = 'text of row ' || id)
      FROM read_parquet($file, file_row_number = true)`;
    expect(await rows(sql)).toEqual([[String(count), String(count)]]);
  });

  it("has row groups of bounded size, compressed pages, dictionaries only where values repeat", async () => {
    const sql = `SELECT path_in_schema, compression, encodings, count(*), max(row_group_num_rows) <= ${ROW_GROUP_ROWS_MAX}
      FROM parquet_metadata($file) GROUP BY ALL ORDER BY min(column_id)`;
    expect(await rows(sql)).toEqual([
      ["id", "ZSTD", "RLE, PLAIN", "3", true],
      ["role", "ZSTD", "RLE, RLE_DICTIONARY, PLAIN", "3", true],
      ["part", "ZSTD", "RLE, PLAIN", "3", true],
      ["even", "ZSTD", "RLE, PLAIN", "3", true],
      ["text", "ZSTD", "RLE, PLAIN", "3", true],
    ]);
  });

  it("has true bounds and null counts in each row group", async () => {
    const metadata = await rows(`SELECT path_in_schema, stats_min_value, stats_max_value, stats_null_count
      FROM parquet_metadata($file) WHERE row_group_id = 2 ORDER BY column_id`);
    const [first, last] = (
      await rows(`SELECT min(id), max(id) FROM read_parquet($file, file_row_number = true) WHERE file_row_number >= (
        SELECT sum(row_group_num_rows) FROM parquet_metadata($file) WHERE column_id = 0 AND row_group_id < 2)`)
    )[0]!.map(Number) as [number, number];
    const inGroup = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    expect(metadata.slice(0, 3)).toEqual([
      ["id", String(first), String(last), "0"],
      ["role", "CNC", 'say "hi"', String(inGroup.filter((row) => row % 5 === 3).length)],
      [
        "part",
        String(inGroup.find((row) => row % 3 !== 0)! / 8),
        String(inGroup.findLast((row) => row % 3 !== 0)! / 8),
        String(inGroup.filter((row) => row % 3 === 0).length),
      ],
    ]);
  });

  it("is read the same by arrow-rs", () => {
    const table = tableFromIPC(readParquet(readFileSync(parquetPath)).intoIPCStream());
    expect(table.numRows).toBe(count);
    expect(table.schema.fields.map((field) => `${field.name}: ${field.type}`)).toEqual([
      "id: Int64",
      "role: Utf8",
      "part: Float64",
      "even: Bool",
      "text: Utf8",
    ]);
    for (const row of [0, 1, 2, 3, 122_879, 122_880, 131_072, count - 1]) {
      expect(table.get(row)?.toJSON()).toEqual({
        id: BigInt(row),
        role: roleOf(row) || null,
        part: row % 3 === 0 ? null : row / 8,
        even: row % 2 === 0,
        text: `text of row ${row}`,
      });
    }
  });
});

it("a dictionary that grows too large is given up in the middle of a page, without a value lost", async () => {
  const text = (row: number) => (row < 6000 ? `same ${row % 3}` : `"new" ${row} ${"x".repeat(row % 40)}`);
  const count = 6000 + Math.ceil(DICTIONARY_BYTES_MAX / 20);
  const lines = Array.from({ length: count }, (_, row) => `${row},"${text(row).replaceAll('"', '""')}"`);
  convert({ file: `id,text\n${lines.join("\n")}\n`, parquetPath });
  expect(
    await rows(`SELECT count(*) FILTER (text = CASE WHEN id < 6000 THEN 'same ' || (id % 3)
      ELSE '"new" ' || id || ' ' || repeat('x', id % 40) END) FROM $file`),
  ).toEqual([[String(count)]]);
});

describe("long text", () => {
  it.each([
    ["cut in the middle of a character", "é".repeat(40), "é".repeat(41)],
    ["cut after the last character of Unicode", "\u{10FFFF}".repeat(30), "\u{10FFFF}".repeat(31)],
    ["cut before the surrogates", `a${"\uD7FF".repeat(40)}`, `a${"\uD7FF".repeat(41)}`],
  ])("%s keeps true bounds in the file and the manifest", async (_, least, greatest) => {
    const { stats } = convert({ file: `text\n${greatest}\n${least}\n`, parquetPath });
    const { min, max } = stats["text"]!;
    const bytes = (value: unknown) => Buffer.from(String(value));
    expect(Buffer.compare(bytes(min), bytes(least))).toBeLessThanOrEqual(0);
    if (max !== null) expect(Buffer.compare(bytes(max), bytes(greatest))).toBeGreaterThanOrEqual(0);
    expect(await rows("SELECT min(text) FROM $file")).toEqual([[least]]);
    expect(await rows(`SELECT count(*) FROM $file WHERE text >= '${greatest}'`)).toEqual([["1"]]);
    expect(await rows(`SELECT count(*) FROM $file WHERE text <= '${least}'`)).toEqual([["1"]]);
  });
});

it("bounds are those of the whole file: exact, as JSON can hold them", () => {
  const file = [
    "big,small,zero,at,day,flag,none",
    "9223372036854775807,-5,-0.0,1969-12-31T23:59:59.999999,0001-01-01,true,",
    "-9223372036854775808,9007199254740991,0.0,9999-12-31 00:00:00,9999-12-31,true,",
  ].join("\n");
  expect(convert({ file, parquetPath }).stats).toEqual({
    big: { min: "-9223372036854775808", max: "9223372036854775807", null_count: 0 },
    small: { min: -5, max: 9007199254740991, null_count: 0 },
    zero: { min: -0, max: -0, null_count: 0 },
    at: { min: "1969-12-31T23:59:59.999999", max: "9999-12-31T00:00:00", null_count: 0 },
    day: { min: "0001-01-01", max: "9999-12-31", null_count: 0 },
    flag: { min: true, max: true, null_count: 0 },
    none: { min: null, max: null, null_count: 2 },
  });
});
