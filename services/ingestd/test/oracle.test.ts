import { unlinkSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { LakehouseError } from "@lakehouse/core";
import { type TemporaryFolder, temporaryFolder } from "@lakehouse/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALL_TYPES, classify, typeBits } from "../src/spelling/classify.ts";
import { convert, readBack } from "./convert-harness.ts";
import { doubleBits, expectedValue, readByTheBook, readsAs } from "./csv-oracle.ts";
import { anyValue, type NastyCsv, nastyCsv } from "./nasty-csv.ts";

/** Small enough that rows cross the ends of pieces, and guesses go wrong. */
const sizes = fc.record({ readBytes: fc.integer({ min: 4, max: 64 }), sampleBytes: fc.integer({ min: 1, max: 400 }) });

let folder: TemporaryFolder;
let duckdb: DuckDBConnection;
let files = 0;

beforeAll(async () => {
  folder = await temporaryFolder();
  duckdb = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  await duckdb.run("SET TimeZone = 'UTC'");
});

afterAll(async () => {
  duckdb.closeSync();
  await folder.remove();
});

describe("against a slow oracle", () => {
  it("one value reads as the types that the oracle says", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        fc.pre(value !== "");
        const bytes = Buffer.from(value);
        const types = classify(bytes, 0, bytes.length);
        expect(types).toBe(readsAs(value).reduce((set, type) => set | typeBits[type], 0));
        expect(types & ~ALL_TYPES).toBe(0);
      }),
      { numRuns: 20_000 },
    );
  });

  it("nasty files come out of SQL as the oracle reads them: types, rows in order, every value; or with its refusal", async () => {
    await fc.assert(
      fc.asyncProperty(nastyCsv, sizes, async (csv, readSizes) => {
        const expected = readByTheBook(csv.file, csv.delimiter);
        const actual = await throughParquet(csv, readSizes);
        if (expected.error !== undefined) {
          expect(actual).toEqual({ error: expected.error, line: expected.line });
          return;
        }
        const rows = expected.rows.map((row) =>
          row.map((value, index) => expectedValue(value, expected.columns[index]!.type)),
        );
        expect(actual).toEqual({ columns: expected.columns, rows });
      }),
      { numRuns: 2_000 },
    );
  });
});

async function throughParquet({ file, delimiter }: NastyCsv, readSizes: { readBytes: number; sampleBytes: number }) {
  try {
    const path = join(folder.path, `${files++}.parquet`);
    const contents = convert({ file, delimiter, parquetPath: path, sizes: readSizes });
    const { columns, rows } = await readBack(duckdb, path);
    unlinkSync(path);
    expect(columns).toEqual(contents.columns);
    expect(rows.length).toBe(contents.rowCount);
    return {
      columns,
      rows: rows.map((row) => row.map((value) => (typeof value === "number" ? doubleBits(value) : value))),
    };
  } catch (error) {
    const { code, details } = error as LakehouseError;
    if (code === undefined) throw error;
    return { error: code, line: (details as { line: number } | undefined)?.line };
  }
}
