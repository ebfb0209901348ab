import type { DuckDBConnection } from "@duckdb/node-api";
import type { Parameters } from "../engine/parameters.ts";
import { streamChunks } from "../engine/stream-chunks.ts";
import { chunkBytes } from "./chunk-bytes.ts";
import { columnAliases, type ResultColumn } from "./result-columns.ts";
import type { TextFormat } from "./text-formats.ts";

/** A vetted SELECT that is about to run. */
export interface ResultSource {
  connection: DuckDBConnection;
  sql: string;
  parameters: Parameters;
  columns: readonly ResultColumn[];
  /** By `performance.now()`. */
  startedAt: number;
}

/** The result as JSON, NDJSON or CSV. The engine itself makes each row's text; here it is only passed on. */
export async function* textResult(source: ResultSource, format: TextFormat): AsyncGenerator<Buffer, void> {
  const { connection, parameters, columns, startedAt } = source;
  let rowCount = 0;
  let skip = format.firstRowSkip;
  yield Buffer.from(format.head(columns));
  for await (const chunk of streamChunks(connection, renderedSql(source, format), parameters)) {
    rowCount += chunk.rowCount;
    for (const bytes of chunkBytes(chunk)) {
      yield bytes.subarray(skip);
      skip = 0;
    }
    // Frees the rows' memory now: the bindings would only do so when the chunk's JavaScript object is collected, and V8
    // does not know its size.
    chunk.reset();
  }
  yield Buffer.from(format.tail({ rowCount, elapsedMs: millisecondsSince(startedAt) }));
}

/** The client's statement as it is, behind a line break that ends a comment, in parentheses of ours. */
export function renderedSql({ sql, columns }: Pick<ResultSource, "sql" | "columns">, format: TextFormat): string {
  return `SELECT encode(${format.row(columns)}) FROM (${sql}\n) AS t(${columnAliases(columns).join(", ")})`;
}

function millisecondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 1_000) / 1_000;
}
