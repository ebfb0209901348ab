import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBMaterializedResult,
  type DuckDBResult,
  StatementType,
} from "@duckdb/node-api";
import { bindParameters, type Parameters } from "./parameters.ts";

/** The engine failed behind a part of the result. Its message is lost: node-api gives an empty chunk, as at the end. */
export class ResultBrokenOff extends Error {
  constructor() {
    super("The engine ended the result before its end.");
    this.name = "ResultBrokenOff";
  }
}

/**
 * Executes one statement and hands out its chunks as they are made; memory stays flat whatever the result's size.
 * A consumer that stops early stops the engine.
 * @throws what the engine throws before its first chunk, ResultBrokenOff for what fails after it
 */
export async function* streamChunks(
  connection: DuckDBConnection,
  sql: string,
  parameters: Parameters,
): AsyncGenerator<DuckDBDataChunk, void> {
  const result = await execute(connection, sql, parameters);
  let ended = false;
  try {
    for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk()) yield chunk;
    ended = true;
    // Where a late error ended the result, the bindings forget to throw; DuckDB's C API does mark it as invalid.
    if (result.statementType === StatementType.INVALID) throw new ResultBrokenOff();
  } finally {
    if (!ended) await stop(connection, result);
  }
}

/** Of a result that is in memory. */
export function* chunksOfResult(result: DuckDBMaterializedResult): Generator<DuckDBDataChunk, void> {
  for (let index = 0; index < result.chunkCount; index++) yield result.getChunk(index);
}

async function execute(connection: DuckDBConnection, sql: string, parameters: Parameters): Promise<DuckDBResult> {
  const prepared = await connection.prepare(sql);
  try {
    bindParameters(prepared, parameters);
    return await prepared.stream();
  } finally {
    prepared.destroySync();
  }
}

/** Until the engine has let go of its tasks: the fetch after an interrupt ends them. */
async function stop(connection: DuckDBConnection, result: DuckDBResult): Promise<void> {
  connection.interrupt();
  for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk());
}
