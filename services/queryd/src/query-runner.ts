import { Readable } from "node:stream";
import { LakehouseError, type QueryRequest, type RequestContext, type ResultFormat } from "@lakehouse/contracts";
import type { Logger } from "@lakehouse/server";
import { describeColumns } from "./engine/describe-columns.ts";
import type { Engine } from "./engine/engine.ts";
import { explainEngineError } from "./engine/engine-error.ts";
import { explainSelect } from "./engine/explain.ts";
import { statementParser } from "./engine/statement-parser.ts";
import { vetStatement } from "./guard/statement-guard.ts";
import type { NameLookup } from "./guard/tree-gate.ts";
import { QueryClock } from "./query-clock.ts";
import { openSession, type QuerySession } from "./query-session.ts";
import type { QuerySlots } from "./query-slots.ts";
import { coalesce, PIECE_BYTES_MIN } from "./rendering/coalesce.ts";
import { renderResult } from "./rendering/render-result.ts";
import type { ResultSource } from "./rendering/result-source.ts";
import type { CatalogWatch } from "./views/catalog-watch.ts";
import type { DatasetViews } from "./views/dataset-views.ts";

interface Dependencies {
  engine: Engine;
  views: DatasetViews;
  watch: CatalogWatch;
  slots: QuerySlots;
  logger: Logger;
  /** Longest a query may run; a request may ask for less. */
  timeoutMs: number;
  /** Where results are made that can't be streamed; inside what the engine may touch. */
  exportFolder: string;
  /** Where objects are: an error or a plan that shows one is kept back. */
  objectFolders: readonly string[];
}

/** From a request to the bytes of its answer. */
export class QueryRunner {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Runs a query until its first bytes are there, so that what fails before them is an error and no answer.
   * @returns the whole answer where it is small, else a stream, which breaks where the query fails later
   * @throws LakehouseError: those of the guard, the engine, the slots, object access, the catalog and the clock
   */
  async run(request: QueryRequest, format: ResultFormat, context: RequestContext): Promise<Buffer | Readable> {
    const limitMs = this.#dependencies.timeoutMs;
    const clock = new QueryClock(Math.min(request.timeout_ms ?? limitMs, limitMs));
    const signal = AbortSignal.any([context.signal, clock.signal]);
    const pieces = this.#answer(request, format, { ...context, signal }, clock);
    try {
      const { value: first = Buffer.alloc(0) } = await unlessAborted(pieces.next(), signal);
      if (first.length >= PIECE_BYTES_MIN) return this.#stream(first, pieces, { ...context, signal });
      await pieces.return();
      return first;
    } catch (error) {
      clock.stop();
      endUnheard(pieces);
      throw this.#explain(error, request.sql, signal);
    }
  }

  #stream(first: Buffer, rest: AsyncGenerator<Buffer>, { signal, requestId }: RequestContext): Readable {
    const body = Readable.from(withFirst(first, rest), { objectMode: false });
    const onAbort = () => body.destroy(signal.reason as Error);
    signal.addEventListener("abort", onAbort);
    body.once("close", () => {
      signal.removeEventListener("abort", onAbort);
      endUnheard(rest); // a stream that nobody has begun to read would not end it
    });
    body.on("error", (error) => {
      this.#dependencies.logger.warn(
        { err: error, request_id: requestId },
        "a result broke off behind its first bytes",
      );
    });
    return body;
  }

  /** The answer in pieces, of which only the last is small. While the client takes one, the clock stands still. */
  async *#answer(
    request: QueryRequest,
    format: ResultFormat,
    context: RequestContext,
    clock: QueryClock,
  ): AsyncGenerator<Buffer, void> {
    const startedAt = performance.now();
    const { engine, slots, exportFolder } = this.#dependencies;
    try {
      await using session = await openSession(engine, slots, context.signal);
      const source = { ...(await this.#prepare(request, session, context)), startedAt };
      context.signal.throwIfAborted();
      for await (const piece of coalesce(renderResult(source, format, exportFolder))) {
        clock.pause();
        yield piece;
        clock.resume();
      }
    } finally {
      clock.stop();
    }
  }

  /** Lets the statement through the walls, and readies all that it reads. */
  async #prepare(
    { sql, params = [] }: QueryRequest,
    session: QuerySession,
    context: RequestContext,
  ): Promise<Omit<ResultSource, "startedAt">> {
    const { views, objectFolders } = this.#dependencies;
    const { connection } = session;
    const vetted = await vetStatement(sql, statementParser(connection), () => this.#freshNames());
    const lease = await views.hold(vetted.datasets, context);
    session.defer(() => lease.release());
    // One snapshot of the views from here on; and one more wall against writing.
    await connection.run("BEGIN TRANSACTION READ ONLY");
    const { explain } = vetted;
    const statement = explain
      ? await explainSelect(connection, { sql: vetted.sql, explain, parameters: params }, objectFolders)
      : { sql: vetted.sql, parameters: params };
    const columns = await describeColumns(connection, statement.sql, statement.parameters);
    return { connection, columns, ...statement };
  }

  async #freshNames(): Promise<NameLookup> {
    const { engine, views, watch } = this.#dependencies;
    await watch.refresh();
    return {
      dataset: (name) => views.find(name),
      isEngineFunction: (name) => engine.names.functions.has(name),
      isEngineRelation: (name) => engine.names.relations.has(name),
    };
  }

  #explain(error: unknown, sql: string, signal: AbortSignal): unknown {
    if (signal.aborted) return reasonOf(signal);
    return explainEngineError(error, { sql, locations: this.#dependencies.objectFolders });
  }
}

/** Some of the engine's work can't be interrupted (binding); the client need not wait for its end. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function reasonOf({ reason }: AbortSignal): LakehouseError {
  if (reason instanceof LakehouseError) return reason;
  return new LakehouseError("client_closed_request", "The client went away before the answer.", { cause: reason });
}

async function* withFirst(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer, void> {
  yield first;
  yield* rest;
}

/** Where the engine can't be stopped at once, what it says when it ends is of no use to anybody. */
function endUnheard(pieces: AsyncGenerator<Buffer>): void {
  pieces.return(undefined).catch(() => {}); // see above
}
