import type { DuckDBDataChunk } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { StringVector } from "./string-vector.ts";

/** Rows are copied out in pieces of about this size: a chunk has 2048 rows, and a row may have megabytes. */
const PIECE_BYTES = 2 ** 20;

/** The texts of a chunk's first column (BLOB, no NULLs), one behind the other, copied out of the engine's memory. */
export function* chunkBytes({ chunk, rowCount }: DuckDBDataChunk): Generator<Buffer, void> {
  const texts = new StringVector(duckdb.data_chunk_get_vector(chunk, 0), rowCount);
  for (let row = 0; row < rowCount; ) {
    const start = row;
    let size = 0;
    for (; row < rowCount && size < PIECE_BYTES; row++) size += texts.lengthAt(row);
    const piece = Buffer.allocUnsafe(size);
    texts.copy(start, row, piece, 0);
    yield piece;
  }
  texts.release();
}
