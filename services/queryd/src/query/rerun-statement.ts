import { textFormats } from "../rendering/render-result.ts";
import type { ResultSource } from "../rendering/result-source.ts";
import { renderedSql } from "../rendering/text-result.ts";
import type { QuerySession } from "../session/query-session.ts";
import { listsAreLimited } from "./bind-statement.ts";
import type { Query, QueryDependencies } from "./query.ts";

/**
 * Begins and runs a statement that gave a small answer before, in one call of the engine. It is not prepared: DuckDB would
 * bind it once for that and once more to run it.
 * @returns undefined for every other statement, and where views changed meanwhile
 */
export async function rerunStatement(
  { views, statements }: Pick<QueryDependencies, "views" | "statements">,
  { sql, parameters, format, context, visibility, startedAt, reads }: Query,
  session: QuerySession,
): Promise<ResultSource | undefined> {
  const { epoch } = views;
  const known = statements.get(sql, parameters, epoch, visibility);
  const text = textFormats[format];
  if (!known?.isSmall || !text || listsAreLimited(known.vetted, visibility)) return undefined;
  const { connection } = session;
  const source = { connection, startedAt, sql: known.vetted.sql, parameters, columns: known.columns };
  for (const name of known.vetted.datasets) reads.add(name);
  const lease = await views.lease(known.vetted.datasets, context);
  if (lease === undefined) return undefined;
  session.defer(() => lease.release());
  try {
    const made = await session.beginAndRun(renderedSql(source, text));
    if (views.epoch === epoch) return { ...source, made };
  } catch (error) {
    if (views.epoch === epoch) throw error;
  }
  await connection.run("ROLLBACK");
  return undefined;
}
