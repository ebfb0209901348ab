import { type VettedStatement, vetStatement } from "../guard/statement-guard.ts";
import { statementParser } from "../guard/statement-parser.ts";
import type { NameLookup } from "../guard/tree-gate.ts";
import type { QuerySession } from "../session/query-session.ts";
import type { Visibility } from "../views/visibility.ts";
import type { Query, QueryDependencies } from "./query.ts";
import type { KnownStatement } from "./statement-cache.ts";

/** A statement that passed the guard; all that it reads is held by its session. */
export interface CheckedStatement {
  vetted: VettedStatement;
  known: KnownStatement | undefined;
  /** The views' epoch at which it was checked. */
  epoch: number;
}

/**
 * Vets and holds until both are of the same catalog: a dataset may be replaced while its objects are fetched.
 * @throws LakehouseError: those of the guard, the views and object access; the signal's reason
 */
export async function checkStatement(
  dependencies: Pick<QueryDependencies, "engine" | "views" | "statements">,
  { sql, parameters, context, visibility, reads }: Query,
  session: QuerySession,
): Promise<CheckedStatement> {
  const { views, statements } = dependencies;
  const names = namesFor(dependencies, visibility);
  for (;;) {
    context.signal.throwIfAborted();
    const { epoch } = views;
    const known = statements.get(sql, parameters, epoch, visibility);
    const vetted = known?.vetted ?? (await vetStatement(sql, statementParser(session.connection), names));
    const lease = await views.hold(vetted.datasets, context, () => session.begin());
    if (lease === undefined) continue;
    session.defer(() => lease.release());
    for (const name of vetted.datasets) reads.add(name);
    return { vetted, known, epoch };
  }
}

function namesFor({ engine, views }: Pick<QueryDependencies, "engine" | "views">, visibility: Visibility): NameLookup {
  return {
    dataset: (name) => views.find(name, visibility),
    isEngineFunction: (name) => engine.names.functions.has(name),
    isEngineRelation: (name) => engine.names.relations.has(name),
  };
}
