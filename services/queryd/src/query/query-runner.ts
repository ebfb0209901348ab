import type { Readable } from "node:stream";
import type { QueryRequest, ResultFormat } from "@lakehouse/contracts";
import { type RequestContext, withSignals } from "@lakehouse/core";
import { PIECE_BYTES_MIN } from "../rendering/coalesce.ts";
import { QueryClock } from "../session/query-clock.ts";
import { visibilityOf } from "../views/visibility.ts";
import { beginAnswer } from "./answer.ts";
import { answerStatement } from "./answer-statement.ts";
import { answerStream } from "./answer-stream.ts";
import { beginFresh } from "./begin-fresh.ts";
import { explainFailure } from "./explain-failure.ts";
import type { Query, QueryDependencies, RunnerDependencies } from "./query.ts";
import { StatementCache } from "./statement-cache.ts";

/** From a request to the bytes of its answer. */
export class QueryRunner {
  readonly #dependencies: QueryDependencies;

  constructor(dependencies: RunnerDependencies) {
    this.#dependencies = { ...dependencies, statements: new StatementCache() };
  }

  /**
   * Runs a query until its first bytes are there, so that what fails before them is an error and no answer.
   * @returns the whole answer where it is small, else a stream, which breaks where the query fails later
   * @throws LakehouseError: those of the guard, the engine, the slots, object access, the catalog and the clock
   */
  async run(request: QueryRequest, format: ResultFormat, context: RequestContext): Promise<Buffer | Readable> {
    const query = this.#queryOf(request, format, context);
    try {
      const { first, rest } = await beginFresh(this.#dependencies, query.context.signal, (signal) => {
        const pieces = answerStatement(this.#dependencies, { ...query, context: { ...query.context, signal } });
        return beginAnswer(pieces, signal);
      });
      if (first.length >= PIECE_BYTES_MIN) return answerStream({ first, rest }, query, this.#dependencies.logger);
      await rest.return();
      query.clock.stop();
      this.#dependencies.statements.noteSmall(query.sql, query.parameters);
      return first;
    } catch (error) {
      const explained = await explainFailure(this.#dependencies, query, error);
      query.clock.stop();
      throw explained;
    }
  }

  /** Starts the query's clock. */
  #queryOf({ sql, params = [], timeout_ms }: QueryRequest, format: ResultFormat, context: RequestContext): Query {
    const { timeoutMs } = this.#dependencies;
    const clock = new QueryClock(Math.min(timeout_ms ?? timeoutMs, timeoutMs));
    return {
      sql,
      parameters: params,
      format,
      context: withSignals(context, clock.signal),
      visibility: visibilityOf(context.caller),
      clock,
      startedAt: performance.now(),
      reads: new Set(),
    };
  }
}
