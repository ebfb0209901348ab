import type { DuckDBConnection, DuckDBMaterializedResult } from "@duckdb/node-api";
import type { Parameters } from "../engine/parameters.ts";
import type { ResultColumn } from "../engine/result-columns.ts";

/** A vetted SELECT that is about to run. */
export interface ResultSource {
  connection: DuckDBConnection;
  sql: string;
  parameters: Parameters;
  columns: readonly ResultColumn[];
  /** The rows' texts, where they are made already. */
  made?: DuckDBMaterializedResult;
  /** By `performance.now()`. */
  startedAt: number;
}
