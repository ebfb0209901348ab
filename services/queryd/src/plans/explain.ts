import type { DuckDBConnection } from "@duckdb/node-api";
import { LakehouseError } from "@lakehouse/core";
import { type Parameters, runPrepared } from "../engine/parameters.ts";
import type { Explain } from "../guard/statement-text.ts";
import { withoutFiles } from "./plan-redaction.ts";

export interface PlanStatement {
  /** Gives the plan as DuckDB would, in two columns. */
  sql: string;
  parameters: Parameters;
}

/**
 * Explains a vetted SELECT, and puts the plan into a SELECT of its own, which is then rendered as any other.
 * @param folders what must not be in a plan: where objects are
 */
export async function explainSelect(
  connection: DuckDBConnection,
  { sql, explain, parameters }: { sql: string; explain: Explain; parameters: Parameters },
  folders: readonly string[],
): Promise<PlanStatement> {
  const result = await runPrepared(connection, `EXPLAIN ${options(explain)} ${sql}`, parameters);
  const rows = (await result.getRows()).map((row) => row.map(String));
  const cells = rows.flatMap(([key, plan]) => [key!, redacted(plan!, folders)]);
  const values = rows.map((_, index) => `($${2 * index + 1}, $${2 * index + 2})`).join(", ");
  return { sql: `SELECT * FROM (VALUES ${values}) AS plan(explain_key, explain_value)`, parameters: cells };
}

function options({ analyze, format }: Explain): string {
  return analyze ? "ANALYZE" : `(FORMAT ${format})`;
}

function redacted(plan: string, folders: readonly string[]): string {
  const text = withoutFiles(plan);
  if (folders.every((folder) => !text.includes(folder))) return text;
  throw new LakehouseError("statement_not_allowed", "The plan would show where objects are.");
}
