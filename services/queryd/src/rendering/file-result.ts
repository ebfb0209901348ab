import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBTypeId } from "@duckdb/node-api";
import { runPrepared } from "../engine/parameters.ts";
import { columnAliases, uniqueNames } from "../engine/result-columns.ts";
import { identifier, literal } from "../sql/sql-quoting.ts";
import type { ResultSource } from "./result-source.ts";

/** Bounds what writer and reader hold in memory: rows of 1 kB make row groups of 40 MB. */
const ROW_GROUP_ROWS = 40_960;

/** The result as a Parquet file, which is complete before its first byte is given out. */
export async function* parquetResult(source: ResultSource, folder: string): AsyncGenerator<Buffer, void> {
  const path = temporaryPath(folder);
  try {
    await writeParquet(source, path);
    yield* createReadStream(path);
  } finally {
    await rm(path, { force: true });
  }
}

function temporaryPath(folder: string): string {
  return join(folder, `${randomUUID()}.parquet`);
}

/** Parquet has no 128-bit integers, and DuckDB would write them as doubles. */
const wideIntegers = new Set([DuckDBTypeId.HUGEINT, DuckDBTypeId.UHUGEINT]);

async function writeParquet({ connection, sql, parameters, columns }: ResultSource, path: string) {
  const names = uniqueNames(columns.map(({ name }) => name));
  const aliases = columnAliases(columns);
  const values = aliases.map((alias, index) => {
    const value = wideIntegers.has(columns[index]!.type.typeId) ? `${alias}::DECIMAL(38,0)` : alias;
    return `${value} AS ${identifier(names[index]!)}`;
  });
  const select = `SELECT ${values.join(", ")} FROM (${sql}\n) AS t(${aliases.join(", ")})`;
  const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}`;
  await runPrepared(connection, `COPY (${select}) TO ${literal(path)} (${options})`, parameters);
}
