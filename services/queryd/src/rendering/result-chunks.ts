import type { DuckDBDataChunk } from "@duckdb/node-api";
import { runPrepared } from "../engine/parameters.ts";
import { ResultBrokenOff, streamChunks } from "../engine/stream-chunks.ts";
import type { ResultSource } from "./result-source.ts";

/**
 * The chunks of a result as they are made.
 * @param sql what renders the source's statement
 * @throws the engine's error, whenever it comes
 */
export async function* resultChunks(
  { connection, parameters }: Pick<ResultSource, "connection" | "parameters">,
  sql: string,
): AsyncGenerator<DuckDBDataChunk, void> {
  try {
    for await (const chunk of streamChunks(connection, sql, parameters)) {
      yield chunk;
      // Frees the rows' memory now: the bindings would only do so when the chunk's JavaScript object is collected, and V8
      // does not know its size.
      chunk.reset();
    }
  } catch (error) {
    if (!(error instanceof ResultBrokenOff)) throw error;
    // The bindings have lost what went wrong. It is asked for once more, in a form that fails whole, and outside of the
    // session's transaction, which the error has ended.
    await connection.run("ROLLBACK");
    await runPrepared(connection, `SELECT max(hash(t)) FROM (${sql}) AS t`, parameters);
    throw error;
  }
}
