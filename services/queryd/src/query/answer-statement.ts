import { coalesce } from "../rendering/coalesce.ts";
import { renderResult } from "../rendering/render-result.ts";
import { openSession } from "../session/query-session.ts";
import type { Pieces } from "./answer.ts";
import { bindStatement } from "./bind-statement.ts";
import { checkStatement } from "./check-statement.ts";
import type { Query, QueryDependencies } from "./query.ts";
import { rerunStatement } from "./rerun-statement.ts";

/**
 * The path of a statement: checked, bound, run and rendered. One whose answer was small before takes the short way.
 * @returns the answer in pieces, of which only the last is small; while the client takes one, the clock stands still
 */
export async function* answerStatement(dependencies: QueryDependencies, query: Query): Pieces {
  const { format, context, clock } = query;
  await using session = await openSession(dependencies.engine, dependencies.slots, context.signal);
  let source = await rerunStatement(dependencies, query, session);
  if (source === undefined) {
    const checked = await checkStatement(dependencies, query, session);
    source = await bindStatement(dependencies, query, checked, session.connection);
  }
  context.signal.throwIfAborted();
  for await (const piece of coalesce(renderResult(source, format, dependencies.exportFolder))) {
    clock.pause();
    yield piece;
    clock.resume();
  }
}
