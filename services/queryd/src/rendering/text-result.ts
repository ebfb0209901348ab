import type { DuckDBDataChunk } from "@duckdb/node-api";
import { columnAliases } from "../engine/result-columns.ts";
import { chunksOfResult } from "../engine/stream-chunks.ts";
import { chunkBytes } from "./chunk-bytes.ts";
import { resultChunks } from "./result-chunks.ts";
import type { ResultSource } from "./result-source.ts";
import type { TextFormat } from "./text-formats.ts";

/** The result as JSON, NDJSON or CSV. The engine itself makes each row's text; here it is only passed on. */
export async function* textResult(source: ResultSource, format: TextFormat): AsyncGenerator<Buffer, void> {
  let rowCount = 0;
  let skip = format.firstRowSkip;
  yield Buffer.from(format.head(source.columns));
  for await (const chunk of chunksOf(source, format)) {
    rowCount += chunk.rowCount;
    for (const bytes of chunkBytes(chunk)) {
      yield bytes.subarray(skip);
      skip = 0;
    }
  }
  yield Buffer.from(format.tail({ rowCount, elapsedMs: millisecondsSince(source.startedAt) }));
}

/**
 * What gives each row's text as one BLOB: the client's statement as it is, behind a line break that ends a comment, in
 * parentheses of ours.
 */
export function renderedSql({ sql, columns }: Pick<ResultSource, "sql" | "columns">, format: TextFormat): string {
  return `SELECT encode(${format.row(columns)}) AS row_text FROM (${sql}\n) AS t(${columnAliases(columns).join(", ")})`;
}

function chunksOf(
  source: ResultSource,
  format: TextFormat,
): AsyncIterable<DuckDBDataChunk> | Iterable<DuckDBDataChunk> {
  return source.made ? chunksOfResult(source.made) : resultChunks(source, renderedSql(source, format));
}

function millisecondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 1_000) / 1_000;
}
