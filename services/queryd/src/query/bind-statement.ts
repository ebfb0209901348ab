import type { DuckDBConnection } from "@duckdb/node-api";
import { limitCatalogLists } from "../engine/catalog-lists.ts";
import { describeColumns } from "../engine/describe-columns.ts";
import type { VettedStatement } from "../guard/statement-guard.ts";
import { explainSelect } from "../plans/explain.ts";
import type { ResultSource } from "../rendering/result-source.ts";
import type { Visibility } from "../views/visibility.ts";
import type { CheckedStatement } from "./check-statement.ts";
import type { Query, QueryDependencies } from "./query.ts";

/**
 * Finds out what columns a checked statement gives, and remembers them. EXPLAIN runs here: its plan is the result.
 * @throws the engine's error; LakehouseError `invalid_request`, `statement_not_allowed`
 */
export async function bindStatement(
  { views, statements, objectFolders }: Pick<QueryDependencies, "views" | "statements" | "objectFolders">,
  { sql, parameters, visibility, startedAt }: Query,
  { vetted, known, epoch }: CheckedStatement,
  connection: DuckDBConnection,
): Promise<ResultSource> {
  if (listsAreLimited(vetted, visibility)) {
    const visible = views.list(visibility).map(({ name }) => name);
    await limitCatalogLists(connection, visible);
  }
  if (vetted.explain) {
    const plan = { sql: vetted.sql, explain: vetted.explain, parameters };
    const statement = await explainSelect(connection, plan, objectFolders);
    const columns = await describeColumns(connection, statement);
    return { connection, startedAt, ...statement, columns };
  }
  const statement = { sql: vetted.sql, parameters };
  const columns = known?.columns ?? (await describeColumns(connection, statement));
  if (!known) statements.set(sql, parameters, epoch, { vetted, columns });
  return { connection, startedAt, ...statement, columns };
}

/** True where the statement lists the engine's catalog for a caller for whom not all of it exists. */
export function listsAreLimited({ listsCatalog }: VettedStatement, { isTotal }: Visibility): boolean {
  return listsCatalog && !isTotal;
}
