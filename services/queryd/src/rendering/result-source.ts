import type { DuckDBConnection } from "@duckdb/node-api";
import type { Parameters } from "../engine/parameters.ts";
import type { ResultColumn } from "./result-columns.ts";

/** A vetted SELECT that is about to run. */
export interface ResultSource {
  connection: DuckDBConnection;
  sql: string;
  parameters: Parameters;
  columns: readonly ResultColumn[];
  /** Whether the statement gave a small result before, over the same data. */
  isSmall: boolean;
  /** By `performance.now()`. */
  startedAt: number;
}
