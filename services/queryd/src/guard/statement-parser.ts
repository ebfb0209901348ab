import type { DuckDBConnection } from "@duckdb/node-api";
import { explainEngineError } from "../engine/engine-error.ts";
import type { StatementParser } from "./statement-guard.ts";

/** DuckDB's own parser, by the two calls that bind nothing. */
export function statementParser(connection: DuckDBConnection): StatementParser {
  return {
    async serialize(sql) {
      const reader = await connection.runAndReadAll("SELECT json_serialize_sql($1::VARCHAR)", [sql]);
      return reader.getRows()[0]![0] as string;
    },
    async parse(sql) {
      try {
        await connection.extractStatements(sql);
      } catch (error) {
        throw explainEngineError(error, { sql });
      }
    },
  };
}
