import { randomUUID } from "node:crypto";
import { createReadStream, openAsBlob } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type DuckDBType, DuckDBTypeId } from "@duckdb/node-api";
import { runPrepared } from "../engine/parameters.ts";
import { identifier, literal } from "../engine/sql-quoting.ts";
import { arrowStream } from "./arrow-stream.ts";
import { columnAliases, uniqueNames } from "./result-columns.ts";
import type { ResultSource } from "./result-source.ts";

/** Bounds what writer and reader hold in memory: rows of 1 kB make row groups of 40 MB. */
const ROW_GROUP_ROWS = 40_960;

/** The result as a Parquet file, which is complete before its first byte is given out. */
export async function* parquetResult(source: ResultSource, folder: string): AsyncGenerator<Buffer, void> {
  const path = temporaryPath(folder);
  try {
    await writeParquet(source, path, parquetCasts);
    yield* createReadStream(path);
  } finally {
    await rm(path, { force: true });
  }
}

/** The result as an Arrow IPC stream, a record batch at a time out of a Parquet file. */
export async function* arrowResult(source: ResultSource, folder: string): AsyncGenerator<Buffer, void> {
  const path = temporaryPath(folder);
  try {
    await writeParquet(source, path, arrowCasts);
    // A large WebAssembly module: who never asks for Arrow never loads it.
    const { ParquetFile } = await import("parquet-wasm/node");
    using file = await ParquetFile.fromFile(await openAsBlob(path));
    yield* arrowStream(file);
  } finally {
    await rm(path, { force: true });
  }
}

function temporaryPath(folder: string): string {
  return join(folder, `${randomUUID()}.parquet`);
}

type Casts = Partial<Record<DuckDBTypeId, string>>;

/** Parquet has no 128-bit integers, and DuckDB would write them as doubles. */
const parquetCasts: Casts = {
  [DuckDBTypeId.HUGEINT]: "DECIMAL(38,0)",
  [DuckDBTypeId.UHUGEINT]: "DECIMAL(38,0)",
};

/** What would not come out of the Parquet file as it went in: an interval without its months, the parts of a variant. */
const arrowCasts: Casts = {
  ...parquetCasts,
  [DuckDBTypeId.INTERVAL]: "VARCHAR",
  [DuckDBTypeId.VARIANT]: "JSON",
  [DuckDBTypeId.TIME_TZ]: "VARCHAR",
};

async function writeParquet({ connection, sql, parameters, columns }: ResultSource, path: string, casts: Casts) {
  const names = uniqueNames(columns.map(({ name }) => name));
  const aliases = columnAliases(columns);
  const values = aliases.map((alias, index) => {
    return `${castValue(columns[index]!.type, alias, casts)} AS ${identifier(names[index]!)}`;
  });
  const select = `SELECT ${values.join(", ")} FROM (${sql}\n) AS t(${aliases.join(", ")})`;
  const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}`;
  await runPrepared(connection, `COPY (${select}) TO ${literal(path)} (${options})`, parameters);
}

function castValue({ typeId }: DuckDBType, value: string, casts: Casts): string {
  const type = casts[typeId];
  return type === undefined ? value : `${value}::${type}`;
}
